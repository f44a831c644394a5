//! Where names and forms of Apache CloudStack 4.1 are other than those of its guide.

use std::net::Ipv6Addr;

use serde_json::Value;

use super::world::Fields;

/// The name of the element around an answer, where the class behind the operation does not follow the guide's rule (5.5.1).
pub fn envelope(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "queryAsyncJobResult" => "queryasyncjobresultresponse",
        "createEgressFirewallRules" => "createegressfirewallruleresponse",
        "deleteEgressFirewallRules" => "deleteegressfirewallruleresponse",
        "resetSSHKeyForVirtualMachine" => "resetSSHKeyforvirtualmachineresponse",
        "addBaremetalHost" => "addhostresponse",
        "addF5LoadBalancer" => "addf5bigiploadbalancerresponse",
        "listF5LoadBalancers" => "listf5loadbalancerresponse",
        "configureF5LoadBalancer" => "configuref5Rloadbalancerresponse",
        "listNetscalerLoadBalancers" => "listnetscalerloadbalancerresponse",
        "deleteIso" => "deleteisosresponse",
        "copyIso" => "copytemplateresponse",
        "activateProject" => "activaterojectresponse",
        "assignVirtualMachine" => "moveuservmresponse",
        "restoreVirtualMachine" => "restorevmresponse",
        "createCounter" | "listCounters" => "counterresponse",
        "createCondition" => "conditionresponse",
        "listCiscoNexusVSMs" => "listcisconexusvsmscmdresponse",
        "createLBStickinessPolicy" => "createLBStickinessPolicy",
        "deleteLBStickinessPolicy" => "deleteLBstickinessrruleresponse",
        "revokeSecurityGroupEgress" => "revokesecuritygroupegress",
        "listSrxFirewalls" => "listsrxfirewallresponse",
        "createAutoScalePolicy" => "autoscalepolicyresponse",
        "createAutoScaleVmGroup" => "autoscalevmgroupresponse",
        "createAutoScaleVmProfile" => "autoscalevmprofileresponse",
        _ => return None,
    })
}

/// The parameters of the guide that the server does not know, and ignores as it does all such.
pub fn ignored(operation: &str) -> &'static [&'static str] {
    match operation {
        "createNetworkOffering" => &["startipv6", "endipv6", "ip6gateway", "ip6cidr"],
        "listNetworkOfferings" | "listNetworks" => &["ispersistent", "ip6gateway", "ip6cidr"],
        "listFirewallRules" | "createFirewallRule" => &["traffictype"],
        "listZones" => &["securitygroupenabled"],
        "listUsageTypes" => &["page", "pagesize"],
        _ => &[],
    }
}

/// The field of the items of a list that the guide names and the server does not have.
pub fn missing(operation: &str) -> Option<&'static str> {
    match operation {
        "listUsageRecords" => Some("virtualsize"),
        "listProjectAccounts" | "listIpForwardingRules" => Some("tags"),
        _ => None,
    }
}

/// Addresses of IPv6 are written in their short form.
pub fn shorten(content: &mut Fields) {
    for (name, value) in content {
        match value {
            Value::String(text) if name == "ip6address" => {
                if let Ok(address) = text.parse::<Ipv6Addr>() {
                    *text = address.to_string();
                }
            }
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(shorten),
            Value::Object(fields) => shorten(fields),
            _ => {}
        }
    }
}
