//! What faults make of the form of answers, each of those of one operation.

use crate::fault::{Fault, Faults};
use crate::refusal::Reason;
use assay_suite::Encoding;

use super::draft::{Draft, Escaping, OK};

/// Distorts the answer to a call that was carried out.
pub fn of_reply(draft: &mut Draft, operation: &str, faults: &Faults) {
    match operation {
        "listDiskOfferings" if faults.has(Fault::JsonByDefault) => draft.encoding = Encoding::Json,
        "listDiskOfferings" if faults.has(Fault::ListEnvelopeWrong) => draft.envelope = "diskofferings".into(),
        "listZones" if faults.has(Fault::XmlDespiteJson) => draft.encoding = Encoding::Xml,
        "listTemplates" if faults.has(Fault::XmlUnescaped) => draft.escaping = Escaping::Forgotten,
        "rebootVirtualMachine" if faults.has(Fault::JobEnvelopeWrong) => draft.envelope = "rebootvirtualmachine".into(),
        "deployVirtualMachine" if faults.has(Fault::CloudstackAcceptanceWithoutId) => {
            draft.content.shift_remove("id");
        }
        "startVirtualMachine" if faults.has(Fault::JobIdMissing) => draft.content.clear(),
        _ => {}
    }
}

/// Distorts the answer to a call that was refused.
pub fn of_refusal(draft: &mut Draft, operation: &str, reason: Reason, faults: &Faults) {
    match operation {
        "createSecurityGroup" if reason == Reason::Value && faults.has(Fault::CloudstackErrorCodeWrong) => {
            draft.content.insert("cserrorcode".into(), 4242.into());
        }
        "createVPC" if faults.has(Fault::CloudstackRefusedWithoutText) => {
            draft.content.shift_remove("errortext");
        }
        "listTemplates" if faults.has(Fault::ErrorsInXml) => draft.encoding = Encoding::Xml,
        "queryAsyncJobResult" if reason == Reason::Value && faults.has(Fault::ErrorsWithStatus200) => draft.status = OK,
        _ => {}
    }
}
