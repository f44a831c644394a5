//! `assay certify`, `assay verify` and `assay badge`: a run as a signed statement, which is checked by judging its record again.

mod trusted;

use std::io::Write as _;
use std::path::Path;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use serde_json::Value;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use crate::record::in_folder;
use crate::report::judging::judge_records;
use crate::report::output::open_report;
use crate::report::reading::{file_of, read_record};
use assay_formats::record::Record;
use assay_report::{
    CertificateResult, Claim, Digest, Evidence, SigningKey, VerifyingKey, badge, claim_of, described, differences,
    result_of, seal, statement,
};

use super::arguments::{BadgeArguments, CertifyArguments, Common, VerifyArguments};
use super::{files, record};

/// What a certificate never shows apart: the tool that made it says it of itself.
const OWN_WORDS: &str = "/predicate/tool";
/// How many differences, or documents, are named.
const NAMED: usize = 10;

pub(super) fn certify(surroundings: &CliContext<'_>, command: &CertifyArguments) -> Result<ExitCode, CliError> {
    let key = read(&command.key)?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(&key).map_err(|_| assay_report::KeyError::NotPrivate);
    let key = der.and_then(|der| SigningKey::from_pkcs8(der.secret_pkcs8_der()));
    let key = key.map_err(|error| wrong_key(&command.key, &error))?;
    let path = file_of(&command.run);
    let record = read_record(surroundings, &path)?;
    let target = &record.started.target;
    let claim = Claim {
        profile: command.profile.clone(),
        implementation: command
            .implementation
            .clone()
            .unwrap_or_else(|| target.server.clone().unwrap_or_else(|| target.name.clone())),
        version: command.implementation_version.clone(),
    };
    let stated = stated(surroundings, &claim, &path, &record)?;
    let sealed = seal(&stated, &key).map_err(|error| CliError::could_not("the certificate can't be made", error))?;
    let output = command.output.clone().unwrap_or_else(|| path.with_file_name("certificate.json"));
    write(&output, &sealed)?;
    stdout!("{}", described(&stated));
    stdout!("The certificate is in {}", output.display());
    Ok(exit_code(&stated))
}

pub(super) fn verify(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &VerifyArguments,
) -> Result<ExitCode, CliError> {
    let certificate = opened(&command.certificate, &command.key)?;
    let next_to = || in_folder(command.certificate.parent().unwrap_or(Path::new("")));
    let path = command.record.as_deref().map_or_else(next_to, file_of);
    let stated_digest = certificate.pointer("/subject/0/digest/sha256").and_then(Value::as_str);
    if stated_digest != Some(digest_of(&path)?.as_str()) {
        return Err(not_verified(&format!("{} is not the record that it names", path.display())));
    }
    let record = read_record(surroundings, &path)?;
    if let Some(changed) = trusted::changed(common, &record.documents)? {
        let named = first(&changed.paths);
        let help = changed.help;
        return Err(not_verified(&format!(
            "the record was judged by other documents than these: {named}\n  help: {help}"
        )));
    }
    let claim = claim_of(&certificate).ok_or_else(|| not_verified("the statement names no profile"))?;
    let judged = stated(surroundings, &claim, &path, &record)?;
    let differences: Vec<_> =
        differences(&certificate, &judged).into_iter().filter(|at| !at.starts_with(OWN_WORDS)).collect();
    if !differences.is_empty() {
        return Err(not_verified(&format!("judged again, the record says something else: {}", first(&differences))));
    }
    stdout!("{}", described(&certificate));
    stdout!("Verified: the signature, the record, the documents, and every verdict.");
    Ok(exit_code(&certificate))
}

pub(super) fn make_badge(command: &BadgeArguments) -> Result<ExitCode, CliError> {
    let certificate = opened(&command.certificate, &command.key)?;
    write(&command.output, &badge(&certificate))?;
    Ok(ExitCode::Conforms)
}

/// The statement that the record itself makes.
fn stated(surroundings: &CliContext<'_>, claim: &Claim, path: &Path, record: &Record) -> Result<Value, CliError> {
    let (summary, plan) = judge_records(surroundings, &[record], None)?;
    let digest = digest_of(path)?;
    let evidence = Evidence {
        record: &digest,
        documents: &record.documents,
        suites: &plan.suites,
        tags: &record.started.tags,
        summary: &summary,
    };
    statement(claim, evidence).map_err(|error| CliError::new(ExitCode::Usage, format!("error: {error}")))
}

/// The statement of a certificate, if it is signed by the key.
fn opened(certificate: &Path, key: &Path) -> Result<Value, CliError> {
    let bytes = read(key)?;
    let der = SubjectPublicKeyInfoDer::from_pem_slice(&bytes).map_err(|_| assay_report::KeyError::NotPublic);
    let verifying = der.and_then(|der| VerifyingKey::from_spki(&der)).map_err(|error| wrong_key(key, &error))?;
    let envelope = read(certificate)?;
    let envelope = String::from_utf8(envelope).map_err(|_| not_verified("the certificate is not text"))?;
    assay_report::open(&envelope, &verifying).map_err(|error| not_verified(&error.to_string()))
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let mut out = open_report(path)?;
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| CliError::could_not(&format!("{} can't be written", path.display()), error))
}

fn exit_code(statement: &Value) -> ExitCode {
    match result_of(statement) {
        Some(CertificateResult::Passed | CertificateResult::Deviates) => ExitCode::Conforms,
        Some(CertificateResult::Undecided) => ExitCode::Inconclusive,
        Some(CertificateResult::Failed) | None => ExitCode::Violates,
    }
}

/// The SHA-256 of what a record says, whether it is compressed or not.
fn digest_of(path: &Path) -> Result<String, CliError> {
    let digest = record::read(path).and_then(|mut content| {
        let mut digest = Digest::default();
        std::io::copy(&mut content, &mut digest)?;
        Ok(digest.finish())
    });
    digest.map_err(|error| unreadable(path, &error))
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    files::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::could_not(&format!("{} can't be read", path.display()), error)
}

fn wrong_key(path: &Path, error: &assay_report::KeyError) -> CliError {
    let message = format!(
        "error: {}: {error}\n  help: `openssl genpkey -algorithm ed25519 -out key.pem` makes a key, and `openssl pkey -in \
         key.pem -pubout -out public.pem` its public half",
        path.display()
    );
    CliError::new(ExitCode::Usage, message)
}

fn not_verified(why: &str) -> CliError {
    CliError::new(ExitCode::Violates, format!("error: the certificate is not verified: {why}"))
}

/// The first of a list, and how many there are besides.
fn first(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}
