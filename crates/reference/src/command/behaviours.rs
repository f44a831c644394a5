//! The behaviours that no data can describe, by the names that data refers to.

use serde_json::Value;

use assay_suite::Suite;

use crate::refusal::ApiError;
use crate::service::Arguments;
use crate::world::{Fields, Record, World};

use super::{Call, Reply};
use super::{account, balancing, catalogue, change, deploy, discovery, extract, image, job, lifecycle, limit, machine};
use super::{network, nic, placement, project, region, rule, security_group, snapshot, tag, template, usage, volume};

/// What a command of its own does.
pub type Handler = fn(&mut World, &Call<'_>) -> Result<Reply, ApiError>;

/// What of something else is listed.
pub type Related = fn(&World, &Suite, &Call<'_>) -> Result<Vec<Fields>, ApiError>;

/// What is looked at before something is done.
pub type Guard = fn(&World, &Call<'_>) -> Result<(), ApiError>;

/// What is made of a new resource before it is added.
pub type Adjust = fn(&Arguments, &mut Record);

/// What follows when a resource has been changed.
pub type Then = fn(&mut World, &str, &Arguments) -> Result<(), ApiError>;

/// What a field holds.
pub type Worked = fn(&Arguments) -> Value;

/// Commands of their own.
pub const HANDLERS: &[(&str, Handler)] = &[
    ("account-create", account::create),
    ("account-create-domain", account::create_domain),
    ("account-create-user", account::create_user),
    ("account-delete", account::delete),
    ("account-disable", account::disable),
    ("account-enable", account::enable),
    ("account-get-user", account::get_user),
    ("account-mark-default-zone", account::mark_default_zone),
    ("account-update", account::update),
    ("balancing-create-stickiness", balancing::create_stickiness),
    ("change-reset-password", change::reset_password),
    ("deploy-deploy", deploy::deploy),
    ("extract", extract::extract),
    ("image-prepare", image::prepare),
    ("image-register", image::register),
    ("image-update", image::update),
    ("job-query", job::query),
    ("lifecycle-recover", lifecycle::recover),
    ("limit-get-api-limit", limit::get_api_limit),
    ("limit-reset-api-limit", limit::reset_api_limit),
    ("limit-update", limit::update),
    ("limit-update-count", limit::update_count),
    ("machine-assign", machine::assign),
    ("machine-create-key", machine::create_key),
    ("machine-migrate", machine::migrate),
    ("machine-restore", machine::restore),
    ("network-create", network::create),
    ("network-restart", network::restart),
    ("nic-add", nic::add),
    ("nic-make-default", nic::make_default),
    ("nic-remove", nic::remove),
    ("placement-add-cluster", placement::add_cluster),
    ("placement-delete-switch", placement::delete_switch),
    ("project-add-account", project::add_account),
    ("project-answer-invitation", project::answer_invitation),
    ("project-create", project::create),
    ("project-delete", project::delete),
    ("project-remove-account", project::remove_account),
    ("project-update", project::update),
    ("region-add", region::add),
    ("region-remove", region::remove),
    ("region-update", region::update),
    ("rule-authorize", rule::authorize),
    ("rule-revoke", rule::revoke),
    ("security-group-create", security_group::create),
    ("security-group-delete", security_group::delete),
    ("snapshot-create", snapshot::create),
    ("tag-create", tag::create),
    ("tag-delete", tag::delete),
    ("template-copy", template::copy),
    ("template-create", template::create),
    ("template-upload", template::upload),
    ("usage-generate", usage::generate),
    ("volume-attach", volume::attach),
    ("volume-create", volume::create),
    ("volume-detach", volume::detach),
    ("volume-upload", volume::upload),
];

/// Lists of what belongs to something.
pub const RELATED: &[(&str, Related)] = &[
    ("balancing-machines", balancing::machines),
    ("balancing-stickiness", balancing::stickiness),
    ("catalogue-os-categories", catalogue::os_categories),
    ("catalogue-os-types", catalogue::os_types),
    ("discovery-list", discovery::list),
    ("limit-limits", limit::limits),
    ("networks-of-device", placement::networks_of),
    ("placement-services", placement::services),
    ("project-accounts", project::accounts),
];

/// Checks.
pub const GUARDS: &[(&str, Guard)] = &[
    ("guests-keep-their-addresses", placement::check_guests),
    ("ip6", network::check_ip6),
    ("key-pair", machine::check_chosen_key),
    ("medium", machine::check_medium),
    ("members", balancing::check_members),
    ("time-zone", account::check_time_zone),
    ("userdata", deploy::check_userdata),
];

/// Adjustments of what is new.
pub const ADJUST: &[(&str, Adjust)] = &[("ports-or-messages", network::blank_what_does_not_apply)];

/// What follows from changes.
pub const THEN: &[(&str, Then)] =
    &[("group", deploy::sort_into_group), ("retire", lifecycle::retire), ("userdata", deploy::remember_userdata)];

/// Values of fields.
pub const WORKED: &[(&str, Worked)] = &[("services", network::services)];
