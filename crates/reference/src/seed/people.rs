//! Domains, accounts and users, and the projects that they share.

use crate::command::{NewUser, add_domain, add_project, invite, show_account, show_domain};
use crate::policy::Dialect;
use crate::refusal::ApiError;
use crate::world::{AccountIndex, Kind, Owner, Pace, Role, kind};

use super::seeding::Seeding;
use super::step::Step;

impl Seeding<'_> {
    /// Adds the domain, the account, the project or the invitation that a step is about. Its kind and its id, if it is shown.
    pub fn add_person(&mut self, step: &Step) -> Result<Option<(Kind, String)>, ApiError> {
        if let Some(name) = &step.domain {
            let id = self.domain(name);
            match &step.within {
                Some(parent) => add_domain(self.world, &id, name, &self.domain(parent), "")?,
                None => show_domain(self.world)?,
            }
            return Ok(Some((kind::DOMAIN, id)));
        }
        if let Some(name) = &step.account {
            return self.add_account(step, name);
        }
        if let Some(name) = &step.new_project {
            let owner = self.index(step)?;
            let id = self.world.ids.named(&format!("project {name}"));
            add_project(self.world, &id, name, owner)?;
            self.register(kind::PROJECT, Owner::Account(owner), &id);
            self.name(name, &id);
            return Ok(Some((kind::PROJECT, id)));
        }
        let Some(project) = &step.invite else { return Ok(None) };
        let owner = self.index(step)?;
        let project = self.resolved(project)?.as_str().unwrap_or_default().to_owned();
        let name = self.world.accounts.get(owner).name.clone();
        let whom = step.email.as_ref().map_or((name.as_str(), ""), |email| ("", email.as_str()));
        let id = invite(self.world, &project, whom, owner)?;
        self.register(kind::INVITATION, Owner::Account(owner), &id);
        Ok(Some((kind::INVITATION, id)))
    }

    /// The id of a domain.
    fn domain(&self, name: &str) -> String {
        self.world.ids.named(&format!("domain {name}"))
    }

    fn add_account(&mut self, step: &Step, name: &str) -> Result<Option<(Kind, String)>, ApiError> {
        let person = step;
        let domain = self.domain(step.within.as_deref().unwrap_or("ROOT"));
        let index = if person.keyless {
            let id = self.world.ids.named(&format!("account {name}"));
            let blank = self.world.accounts.keyless(id, name, &domain);
            self.world.accounts.insert(blank)
        } else {
            self.world.accounts.add(name, &self.world.ids)
        };
        if let Some(account) = self.world.accounts.get_mut(index) {
            account.domain = domain;
            account.role = person.role.unwrap_or(Role::User);
            if let Some((api_key, secret_key)) = &person.keys {
                account.api_key.clone_from(api_key);
                account.secret_key.clone_from(secret_key);
            }
            if person.limited {
                account.pace = Pace::Limited;
            }
        }
        // Cloudn's manual has no accounts that can be listed.
        if person.keyless || self.world.rules.dialect == Dialect::Cloudn {
            return Ok(None);
        }
        self.show(step, index)
    }

    fn show(&mut self, step: &Step, index: AccountIndex) -> Result<Option<(Kind, String)>, ApiError> {
        let account = self.world.accounts.get(index).clone();
        let email = step.email.clone().unwrap_or_else(|| format!("{}@example.com", account.name));
        let user = NewUser {
            id: account.user.clone(),
            name: &account.name,
            first_name: "Demonstration",
            last_name: &account.name,
            email: &email,
            time_zone: "Etc/UTC",
            password: "password",
        };
        show_account(self.world, index, &user)?;
        if step.owner.is_some() {
            let owner = self.owner(step)?;
            self.world.store.change(kind::ACCOUNT, &account.id, |account| account.owner = owner);
            self.world.store.change(kind::USER, &account.user, |user| user.owner = owner);
        }
        Ok(Some((kind::ACCOUNT, account.id)))
    }
}
