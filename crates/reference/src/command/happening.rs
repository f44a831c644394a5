//! Events: what becomes known of calls that succeed (`CloudStack` developer's guide 4.1, appendix A).

use crate::policy::Dialect;
use crate::service::Arguments;
use crate::world::{AccountIndex, Owner, World, kind};

use super::Call;
use super::kinds::{self, Given};

/// How many events an account keeps.
const KEPT: usize = 400;

/// The types of events, each with the command that causes it; blank where none of ours does.
pub const TYPES: &[(&str, &str)] = &[
    ("VM.CREATE", "deployVirtualMachine"),
    ("VM.DESTROY", "destroyVirtualMachine"),
    ("VM.START", "startVirtualMachine"),
    ("VM.STOP", "stopVirtualMachine"),
    ("VM.REBOOT", "rebootVirtualMachine"),
    ("VM.UPGRADE", "changeServiceForVirtualMachine"),
    ("VM.RESETPASSWORD", "resetPasswordForVirtualMachine"),
    ("ROUTER.CREATE", ""),
    ("ROUTER.DESTROY", "destroyRouter"),
    ("ROUTER.START", "startRouter"),
    ("ROUTER.STOP", "stopRouter"),
    ("ROUTER.REBOOT", "rebootRouter"),
    ("ROUTER.HA", ""),
    ("PROXY.CREATE", ""),
    ("PROXY.DESTROY", ""),
    ("PROXY.START", ""),
    ("PROXY.STOP", ""),
    ("PROXY.REBOOT", ""),
    ("PROXY.HA", ""),
    ("VNC.CONNECT", ""),
    ("VNC.DISCONNECT", ""),
    ("NET.IPASSIGN", "associateIpAddress"),
    ("NET.IPRELEASE", "disassociateIpAddress"),
    ("NET.RULEADD", "createPortForwardingRule"),
    ("NET.RULEDELETE", "deletePortForwardingRule"),
    ("NET.RULEMODIFY", ""),
    ("NETWORK.CREATE", "createNetwork"),
    ("NETWORK.DELETE", "deleteNetwork"),
    ("NETWORK.RESTART", "restartNetwork"),
    ("LB.ASSIGN.TO.RULE", ""),
    ("LB.REMOVE.FROM.RULE", ""),
    ("LB.CREATE", "createLoadBalancerRule"),
    ("LB.DELETE", "deleteLoadBalancerRule"),
    ("LB.UPDATE", "updateLoadBalancerRule"),
    ("USER.LOGIN", ""),
    ("USER.LOGOUT", ""),
    ("USER.CREATE", "createUser"),
    ("USER.DELETE", "deleteUser"),
    ("USER.UPDATE", ""),
    ("USER.DISABLE", ""),
    ("TEMPLATE.CREATE", "createTemplate"),
    ("TEMPLATE.DELETE", "deleteTemplate"),
    ("TEMPLATE.UPDATE", "updateTemplate"),
    ("TEMPLATE.COPY", "copyTemplate"),
    ("TEMPLATE.DOWNLOAD.START", ""),
    ("TEMPLATE.DOWNLOAD.SUCCESS", ""),
    ("TEMPLATE.DOWNLOAD.FAILED", ""),
    ("TEMPLATE.EXTRACT", "extractTemplate"),
    ("TEMPLATE.UPLOAD", ""),
    ("TEMPLATE.CLEANUP", ""),
    ("VOLUME.CREATE", "createVolume"),
    ("VOLUME.DELETE", "deleteVolume"),
    ("VOLUME.ATTACH", "attachVolume"),
    ("VOLUME.DETACH", "detachVolume"),
    ("VOLUME.UPLOAD", "uploadVolume"),
    ("SERVICEOFFERING.CREATE", ""),
    ("SERVICEOFFERING.UPDATE", ""),
    ("SERVICEOFFERING.DELETE", ""),
    ("DOMAIN.CREATE", "createDomain"),
    ("DOMAIN.DELETE", "deleteDomain"),
    ("DOMAIN.UPDATE", ""),
    ("SNAPSHOT.CREATE", "createSnapshot"),
    ("SNAPSHOT.DELETE", "deleteSnapshot"),
    ("SNAPSHOTPOLICY.CREATE", "createSnapshotPolicy"),
    ("SNAPSHOTPOLICY.UPDATE", ""),
    ("SNAPSHOTPOLICY.DELETE", "deleteSnapshotPolicies"),
    ("ISO.CREATE", "registerIso"),
    ("ISO.DELETE", "deleteIso"),
    ("ISO.COPY", "copyIso"),
    ("ISO.ATTACH", "attachIso"),
    ("ISO.DETACH", "detachIso"),
    ("ISO.EXTRACT", ""),
    ("ISO.UPLOAD", ""),
    ("SSVM.CREATE", ""),
    ("SSVM.DESTROY", ""),
    ("SSVM.START", ""),
    ("SSVM.STOP", ""),
    ("SSVM.REBOOT", ""),
    ("SSVM.H", ""),
    ("SERVICE.OFFERING.CREATE", "createServiceOffering"),
    ("SERVICE.OFFERING.EDIT", ""),
    ("SERVICE.OFFERING.DELETE", "deleteServiceOffering"),
    ("DISK.OFFERING.CREATE", "createDiskOffering"),
    ("DISK.OFFERING.EDIT", "updateDiskOffering"),
    ("DISK.OFFERING.DELETE", "deleteDiskOffering"),
    ("NETWORK.OFFERING.CREATE", "createNetworkOffering"),
    ("NETWORK.OFFERING.EDIT", ""),
    ("NETWORK.OFFERING.DELETE", "deleteNetworkOffering"),
    ("POD.CREATE", "createPod"),
    ("POD.EDIT", ""),
    ("POD.DELETE", "deletePod"),
    ("ZONE.CREATE", "createZone"),
    ("ZONE.EDIT", "updateZone"),
    ("ZONE.DELETE", "deleteZone"),
    ("VLAN.IP.RANGE.CREATE", "createVlanIpRange"),
    ("VLAN.IP.RANGE.DELETE", "deleteVlanIpRange"),
    ("CONFIGURATION.VALUE.EDIT", ""),
    ("SG.AUTH.INGRESS", "authorizeSecurityGroupIngress"),
    ("SG.REVOKE.INGRESS", "revokeSecurityGroupIngress"),
    ("HOST.RECONNECT", ""),
    ("MAINT.CANCEL", ""),
    ("MAINT.CANCEL.PS", ""),
    ("MAINT.PREPARE", ""),
    ("MAINT.PREPARE.PS", ""),
    ("VPN.REMOTE.ACCESS.CREATE", "createRemoteAccessVpn"),
    ("VPN.USER.ADD", ""),
    ("VPN.USER.REMOVE", ""),
    ("UPLOAD.CUSTOM.CERTIFICATE", ""),
    ("STATICNAT.DISABLE", "disableStaticNat"),
];

/// Notes a call that has succeeded, if there is a type of event for it.
pub fn note(world: &mut World, call: &Call<'_>) {
    if world.rules.dialect != Dialect::CloudStack {
        return;
    }
    let Some((name, _)) = TYPES.iter().find(|(_, command)| *command == call.name()) else { return };
    add(world, call.account, name, &format!("{} has been called", call.name()));
}

/// Adds an event of an account, and forgets the oldest if it has many.
pub fn add(world: &mut World, account: AccountIndex, name: &str, description: &str) {
    let user = world.accounts.get(account).name.clone();
    let arguments = Arguments::of(&[("username", &user), ("type", name), ("description", description)]);
    let given = Given { arguments: &arguments, caller: account, owner: Owner::Account(account) };
    let id = world.ids.fresh();
    // An event that can't be kept must not make the call fail that it is about.
    if kinds::order(world, kind::EVENT, &id, given).is_err() {
        return;
    }
    let own: Vec<_> = world.store.owned_by(kind::EVENT, account).map(|event| event.id().to_owned()).collect();
    if own.len() > KEPT
        && let Some(oldest) = own.first()
    {
        world.store.remove(kind::EVENT, oldest);
    }
}
