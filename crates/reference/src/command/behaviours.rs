//! What the behaviours do that documents refer to: those that no shape covers.

use serde_json::Value;

use assay_suite::Suite;

use crate::arguments::Arguments;
use crate::model::{Adjust, Derive, Guard, Handler, Related, Then, Worked};
use crate::refusal::ApiError;
use crate::world::{Fields, Record, World};

use super::call::{Call, Derived, Reply};
use super::{account, balancing, catalogue, change, deploy, discovery, extract, image, job, lifecycle, limit, machine};
use super::{network, nic, placement, project, rule, security_group, tag, usage, volume};

impl Handler {
    /// Carries a command out.
    pub fn handle(self, world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
        match self {
            Self::AccountCreate => account::create(world, call),
            Self::AccountDelete => account::delete(world, call),
            Self::AccountDisable => account::disable(world, call),
            Self::AccountEnable => account::enable(world, call),
            Self::AccountMarkDefaultZone => account::mark_default_zone(world, call),
            Self::AccountUpdate => account::update(world, call),
            Self::ApiLimit => limit::get_api_limit(world, call),
            Self::ApiLimitReset => limit::reset_api_limit(world, call),
            Self::ClusterAdd => placement::add_cluster(world, call),
            Self::Deploy => deploy::deploy(world, call),
            Self::DomainCreate => account::create_domain(world, call),
            Self::Extract => extract::extract(world, call),
            Self::JobQuery => job::query(world, call),
            Self::KeyPairCreate => machine::create_key(world, call),
            Self::LimitUpdate => limit::update(world, call),
            Self::LimitUpdateCount => limit::update_count(world, call),
            Self::MachineAssign => machine::assign(world, call),
            Self::MachineMigrate => machine::migrate(world, call),
            Self::MachineRecover => lifecycle::recover(world, call),
            Self::MachineResetPassword => change::reset_password(world, call),
            Self::MachineRestore => machine::restore(world, call),
            Self::NetworkCreate => network::create(world, call),
            Self::NetworkRestart => network::restart(world, call),
            Self::NicAdd => nic::add(world, call),
            Self::NicMakeDefault => nic::make_default(world, call),
            Self::NicRemove => nic::remove(world, call),
            Self::ProjectAddAccount => project::add_account(world, call),
            Self::ProjectAnswerInvitation => project::answer_invitation(world, call),
            Self::ProjectCreate => project::create(world, call),
            Self::ProjectDelete => project::delete(world, call),
            Self::ProjectRemoveAccount => project::remove_account(world, call),
            Self::ProjectUpdate => project::update(world, call),
            Self::RuleAuthorize => rule::authorize(world, call),
            Self::RuleRevoke => rule::revoke(world, call),
            Self::SecurityGroupDelete => security_group::delete(world, call),
            Self::StickinessCreate => balancing::create_stickiness(world, call),
            Self::SwitchDelete => placement::delete_switch(world, call),
            Self::TagCreate => tag::create(world, call),
            Self::TagDelete => tag::delete(world, call),
            Self::TemplateCopy => image::copy(world, call),
            Self::UsageGenerate => usage::generate(world, call),
            Self::UserCreate => account::create_user(world, call),
            Self::UserOfKey => account::get_user(world, call),
            Self::VolumeAttach => volume::attach(world, call),
            Self::VolumeDetach => volume::detach(world, call),
        }
    }
}

impl Related {
    /// What is listed.
    pub fn list(self, world: &World, suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
        match self {
            Self::Apis => discovery::list(world, suite, call),
            Self::BalancedMachines => balancing::machines(world, suite, call),
            Self::Limits => limit::limits(world, suite, call),
            Self::NetworkServices => placement::services(world, suite, call),
            Self::NetworksOfDevice => placement::networks_of(world, suite, call),
            Self::OsCategories => catalogue::os_categories(world, suite, call),
            Self::OsTypes => catalogue::os_types(world, suite, call),
            Self::ProjectAccounts => project::accounts(world, suite, call),
            Self::Stickiness => balancing::stickiness(world, suite, call),
        }
    }
}

impl Guard {
    /// Refuses what can't be done.
    pub fn look(self, world: &World, call: &Call<'_>) -> Result<(), ApiError> {
        match self {
            Self::GuestsKeepTheirAddresses => placement::check_guests(world, call),
            Self::Ip6 => network::check_ip6(world, call),
            Self::KeyPair => machine::check_chosen_key(world, call),
            Self::Medium => machine::check_medium(world, call),
            Self::Members => balancing::check_members(world, call),
            Self::Url => volume::check_url(world, call),
            Self::TimeZone => account::check_time_zone(world, call),
            Self::Userdata => deploy::check_userdata(world, call),
        }
    }
}

impl Adjust {
    /// Adjusts a new resource before it is added.
    pub fn adjust(self, arguments: &Arguments, record: &mut Record) {
        match self {
            Self::Details => image::set_details(arguments, record),
            Self::PortsOrMessages => network::blank_what_does_not_apply(arguments, record),
        }
    }
}

impl Then {
    /// Does what follows when a resource has been changed.
    pub fn follow(self, world: &mut World, id: &str, arguments: &Arguments) -> Result<(), ApiError> {
        match self {
            Self::Group => deploy::sort_into_group(world, id, arguments),
            Self::Retire => lifecycle::retire(world, id, arguments),
            Self::Userdata => deploy::remember_userdata(world, id, arguments),
        }
    }
}

impl Derive {
    /// What a new resource is made from besides the parameters.
    pub fn derive(self, world: &World, call: &Call<'_>) -> Result<Derived, ApiError> {
        match self {
            Self::TemplateSource => image::source(world, call),
            Self::Upload => volume::upload(world, call),
            Self::VolumeSource => volume::source(world, call),
        }
    }
}

impl Worked {
    /// What a field holds.
    pub fn value(self, arguments: &Arguments) -> Value {
        match self {
            Self::Services => network::services(arguments),
        }
    }
}
