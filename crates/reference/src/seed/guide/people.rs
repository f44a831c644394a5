//! Domains, accounts and users.

use crate::command::{NewUser, add_domain, show_account, show_domain};
use crate::refusal::ApiError;
use crate::world::{Account, AccountIndex, Owner, Pace, Role, World, kind};

use super::{INTEGRATION, People, Seeding};

/// The example of 5.2.1, whose keys everybody knows.
const GUIDE_API_KEY: &str = "plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg";
const GUIDE_SECRET_KEY: &str = "VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ";

/// The domains: name, and the one it is in.
const DOMAINS: [(&str, &str); 3] = [("sales", "ROOT"), ("europe", "sales"), ("research", "ROOT")];

/// The id of a domain.
fn domain(world: &World, name: &str) -> String {
    world.ids.named(&format!("domain {name}"))
}

/// Adds the domains and the accounts.
pub fn fill(world: &mut World) -> Result<People, ApiError> {
    show_domain(world)?;
    for (name, parent) in DOMAINS {
        let (id, parent) = (domain(world, name), domain(world, parent));
        add_domain(world, &id, name, &parent, "")?;
    }
    let root = add(world, "root-admin", "ROOT", Role::RootAdmin)?;
    add(world, "domain-admin", "sales", Role::DomainAdmin)?;
    let user = add(world, "user", "sales", Role::User)?;
    add(world, "europe-user", "europe", Role::User)?;
    let other = add(world, "other-user", "research", Role::User)?;
    let second = add(world, "second-admin", "ROOT", Role::User)?;
    add(world, "full", "sales", Role::User)?;
    add(world, "crowded", "sales", Role::User)?;
    let people = People { root, second, user, other };
    let throttled = add(world, "throttled", "sales", Role::User)?;
    if let Some(account) = world.accounts.get_mut(throttled) {
        account.pace = Pace::Limited;
    }
    let guide =
        Account { api_key: GUIDE_API_KEY.into(), secret_key: GUIDE_SECRET_KEY.into(), ..keyed(world, "guide", "ROOT") };
    let (guide_id, guide_user) = (guide.id.clone(), guide.user.clone());
    insert(world, Account { role: Role::RootAdmin, ..guide })?;
    // It is the administrator's, who so has two accounts and two users to list.
    let owner = Owner::Account(people.root);
    world.store.change(kind::ACCOUNT, &guide_id, |account| account.owner = owner);
    world.store.change(kind::USER, &guide_user, |user| user.owner = owner);
    let blank = world.accounts.keyless(world.ids.named("account integration"), INTEGRATION, &domain(world, "ROOT"));
    world.accounts.insert(Account { role: Role::RootAdmin, ..blank });
    Ok(people)
}

fn keyed(world: &mut World, name: &str, within: &str) -> Account {
    let index = world.accounts.add(name, &world.ids);
    let account = world.accounts.get(index).clone();
    // The account that was added only gave its keys; the one in the right domain takes its place.
    if let Some(placed) = world.accounts.get_mut(index) {
        placed.api_key = String::new();
        placed.name = String::new();
    }
    Account { domain: domain(world, within), ..account }
}

fn add(world: &mut World, name: &str, within: &str, role: Role) -> Result<AccountIndex, ApiError> {
    let index = world.accounts.add(name, &world.ids);
    let within = domain(world, within);
    if let Some(account) = world.accounts.get_mut(index) {
        account.domain = within;
        account.role = role;
    }
    show(world, index)
}

fn insert(world: &mut World, account: Account) -> Result<AccountIndex, ApiError> {
    let index = world.accounts.insert(account);
    show(world, index)
}

fn show(world: &mut World, index: AccountIndex) -> Result<AccountIndex, ApiError> {
    let account = world.accounts.get(index).clone();
    let email = if account.name == "crowded" { String::new() } else { format!("{}@example.com", account.name) };
    let user = NewUser {
        id: account.user.clone(),
        name: &account.name,
        first_name: "Demonstration",
        last_name: &account.name,
        email: &email,
        time_zone: "Etc/UTC",
    };
    show_account(world, index, &user)?;
    Ok(index)
}

/// Gives them their variables.
pub fn name(seeding: &mut Seeding<'_>) -> Result<(), ApiError> {
    for (variable, domain_name) in
        [("domain", "ROOT"), ("sales_domain", "sales"), ("europe_domain", "europe"), ("research_domain", "research")]
    {
        let id = domain(seeding.world, domain_name);
        seeding.name(variable, &id);
    }
    seeding.name("account", "root-admin");
    seeding.name("other_account", "second-admin");
    seeding.name("guide_api_key", GUIDE_API_KEY);
    let named = |name: &str| {
        let found = seeding.world.accounts.find(|account| account.name == name);
        found.map(|index| seeding.world.accounts.get(index).clone())
    };
    let throttled = named("throttled").map(|account| account.id).unwrap_or_default();
    let crowded = named("crowded").map(|account| account.user).unwrap_or_default();
    let (root, user) = (seeding.people.root, seeding.people.user);
    let (root, user) = (seeding.world.accounts.get(root).clone(), seeding.world.accounts.get(user).clone());
    for (variable, value) in [
        ("root_account_id", &root.id),
        ("account_id", &root.id),
        ("standing_account", &root.id),
        ("standing_user", &root.user),
        ("root_user_id", &root.user),
        ("user_account_id", &user.id),
        ("user_id", &user.user),
        ("user_api_key", &user.api_key),
        ("throttled_account_id", &throttled),
        ("user_without_email", &crowded),
    ] {
        seeding.name(variable, value);
    }
    let owners = [
        (seeding.people.root, "project"),
        (seeding.people.root, "second_project"),
        (seeding.people.user, "sales_project"),
        (seeding.people.other, "foreign_project"),
        (seeding.people.second, "inviting_project"),
    ];
    for (owner, variable) in owners {
        let id = seeding.world.ids.named(&format!("project {variable}"));
        crate::command::add_project(seeding.world, &id, variable, owner)?;
        seeding.register(kind::PROJECT, owner, &id);
        seeding.name(variable, &id);
    }
    let inviting = seeding.value("inviting_project")?;
    let project = seeding.value("project")?;
    let root = seeding.people.root;
    let invitation = crate::command::invite(seeding.world, &inviting, ("root-admin", ""), root)?;
    seeding.register(kind::INVITATION, root, &invitation);
    seeding.name("invitation", &invitation);
    let (root, second) = (seeding.people.root, seeding.people.second);
    crate::command::invite(seeding.world, &project, ("", "guest@example.com"), root)?;
    if let Some(own) = seeding.world.accounts.of_project(&project) {
        seeding.world.accounts.join(own, second);
    }
    Ok(())
}
