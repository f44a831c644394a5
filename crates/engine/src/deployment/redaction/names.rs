//! Names whose values are secret by what they are.

use std::collections::BTreeSet;

use assay_suite::{Location, PageStart, Suite};

/// What the names of secrets end with, without separators.
const ENDINGS: [&str; 48] = [
    "password",
    "passwords",
    "passwordhash",
    "passwd",
    "passwds",
    "pwd",
    "passphrase",
    "passphrases",
    "passcode",
    "secret",
    "secrets",
    "secretkey",
    "secretkeys",
    "secretaccesskey",
    "secretstring",
    "secretvalue",
    "sessionkey",
    "sessionid",
    "privatekey",
    "privatekeys",
    "privkey",
    "apikey",
    "apikeys",
    "accesskey",
    "accesskeys",
    "accesskeyid",
    "accountkey",
    "authkey",
    "sharedkey",
    "masterkey",
    "signingkey",
    "encryptionkey",
    "storagekey",
    "signature",
    "signatureprovided",
    "token",
    "tokens",
    "keymaterial",
    "psk",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "cookies",
    "jwt",
    "appcode",
    "jsessionid",
    "passwordsalt",
];
/// What is before `pass` where it is short for a password, and not the end of another word.
const BEFORE_PASS: [&str; 16] = [
    "", "bind", "admin", "user", "root", "db", "store", "vnc", "ldap", "auth", "ftp", "smtp", "login", "ssh", "my",
    "guest",
];
/// Secrets that may be written as a number.
const NUMERIC: [&str; 9] =
    ["password", "passwd", "pwd", "passphrase", "passcode", "secret", "secretkey", "privatekey", "psk"];
/// One of these is in each of the names.
pub(super) const STEMS: [&str; 14] = [
    "pass",
    "pwd",
    "secret",
    "key",
    "psk",
    "signature",
    "token",
    "credential",
    "session",
    "cookie",
    "jwt",
    "authorization",
    "appcode",
    "app_code",
];

/// What a suite says of the names of an operation's parameters and fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// These are secret, too.
    secret: BTreeSet<String>,
    /// These are not, whatever they are called: the marks of pages, and what jobs are known by.
    open: BTreeSet<String>,
}

impl Names {
    pub fn of(suite: &Suite, operation: &str) -> Self {
        let last = |path: &str| plain(path.rsplit('.').next().unwrap_or(path).as_bytes());
        let operation = suite.operations.get(operation);
        let mut open = BTreeSet::new();
        if let Some(paging) = operation.and_then(|operation| suite.paging_of(operation)) {
            open.insert(last(paging.start.parameter()));
            if let PageStart::Marker { next, .. } = &paging.start {
                open.insert(last(next));
            }
        }
        open.extend(suite.jobs.iter().flat_map(|jobs| [last(&jobs.id), last(&jobs.parameter)]));
        let parameters = operation.into_iter().flat_map(|operation| operation.parameters.values());
        let secret = parameters.filter(|parameter| parameter.secret).map(|parameter| last(&parameter.name.value));
        Self { secret: secret.filter(|name| !name.is_empty()).collect(), open }
    }

    /// Those of a request: its credentials are secret, whatever they are called.
    pub fn of_request(suite: &Suite, operation: &str) -> Self {
        let mut names = Self::of(suite, operation);
        let operation = suite.operations.get(operation);
        let parameters = operation.into_iter().flat_map(|operation| operation.parameters.values());
        let sent = parameters.filter(|parameter| {
            parameter.credential.is_some() && !matches!(parameter.location, Location::Header | Location::Path)
        });
        names.secret.extend(sent.map(|parameter| {
            let name = parameter.wire.as_ref().map_or(&parameter.name.value, |wire| &wire.name);
            plain(name.as_bytes())
        }));
        names
    }

    /// What has to be looked for, besides the stems of all secret names.
    pub fn own(&self) -> impl Iterator<Item = &str> {
        self.secret.iter().map(String::as_str)
    }

    /// Whether the value of a name is secret.
    pub fn has_secret(&self, name: &[u8]) -> bool {
        let plain = plain(name);
        !self.open.contains(&plain) && (self.secret.contains(&plain) || is_secret(name, &plain))
    }
}

/// Whether a secret may be written as a number.
pub(super) fn may_be_numeric(name: &[u8]) -> bool {
    let plain = plain(name);
    NUMERIC.iter().any(|ending| plain.ends_with(ending)) || plain.ends_with("pass")
}

/// Whether a header's value is secret as a whole.
pub(super) fn is_secret_header(name: &str) -> bool {
    let plain = plain(name.as_bytes());
    is_secret(name.as_bytes(), &plain)
        || ["token", "appcode", "session", "cookie", "authorization"].iter().any(|part| plain.contains(part))
}

fn is_secret(name: &[u8], plain: &str) -> bool {
    if ENDINGS.iter().any(|ending| plain.ends_with(ending)) {
        return true;
    }
    let Some(before) = plain.strip_suffix("pass") else { return false };
    // `adminPass` and `admin_pass` have a word of their own.
    let written = name.len().checked_sub(4).map_or(name, |at| &name[at..]);
    let separate =
        name.len().checked_sub(5).and_then(|at| name.get(at)).is_some_and(|byte| !byte.is_ascii_alphanumeric());
    written.starts_with(b"P") && !name.starts_with(written)
        || separate
        || BEFORE_PASS.iter().any(|word| if word.is_empty() { before.is_empty() } else { before.ends_with(word) })
}

/// A name in lower case, without separators. Of a long one the end is enough.
fn plain(name: &[u8]) -> String {
    let end = &name[name.len().saturating_sub(80)..];
    String::from_utf8_lossy(end).chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_distinguished_from_others() {
        let names = Names::default();
        for name in [
            "password",
            "adminPass",
            "admin_pass",
            "pass",
            "pwd",
            "userPwd",
            "db-passwd",
            "passphrase",
            "secret",
            "client_secret",
            "ClientSecret",
            "secretKey",
            "AWS_SECRET_ACCESS_KEY",
            "private_key",
            "privateKey",
            "access_token",
            "refresh-token",
            "id_token",
            "sessionkey",
            "X-Api-Key",
            "X-Secret",
            "ipsecpsk",
            "bindpass",
            "truststorepass",
            "keyMaterial",
            "Authorization",
            "größe_Password",
            "SignatureProvided",
            "credentials",
        ] {
            assert!(names.has_secret(name.as_bytes()), "{name}");
        }
        for name in [
            "passwordenabled",
            "keypair",
            "publickey",
            "key",
            "name",
            "bypass",
            "compass",
            "tokenTtl",
            "token_type",
            "secretary",
            "passed",
            "keyname",
            "signatureversion",
            "monkey",
        ] {
            assert!(!names.has_secret(name.as_bytes()), "{name}");
        }
    }
}
