//! Promises that the cloud can break on purpose, each as narrowly as it can be broken.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// What kind of promise a fault breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// Who may ask, and until when.
    Signing,
    /// In what form an answer comes.
    Format,
    /// What is refused.
    Errors,
    /// How lists are cut into pages and counted.
    Paging,
    /// What is listed.
    Filters,
    /// How jobs are accepted, followed and listed.
    Jobs,
    /// What a resource shows.
    Fields,
    /// What a command does.
    State,
    /// How quickly it is answered: what load alone can show.
    Speed,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signing => "signing",
            Self::Format => "format",
            Self::Errors => "errors",
            Self::Paging => "paging",
            Self::Filters => "filters",
            Self::Jobs => "jobs",
            Self::Fields => "fields",
            Self::State => "state",
            Self::Speed => "speed",
        })
    }
}

/// A name that is no fault's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault named `{0}`")]
pub struct UnknownFault(pub String);

/// Declares the faults of each suite: variant, kind, name, and one sentence that says what is broken.
macro_rules! faults {
    ($($suite:literal { $($fault:ident $kind:ident $name:literal $description:literal)* })*) => {
        /// A promise that the cloud breaks on purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = $description] $fault,)*)*
        }

        impl Fault {
            /// All of them, ordered by what they break.
            pub fn all() -> &'static [Self] {
                &[$($(Self::$fault,)*)*]
            }

            /// The name by which it is asked for.
            pub fn name(self) -> &'static str {
                match self { $($(Self::$fault => $name,)*)* }
            }

            /// What it does, in one sentence.
            pub fn description(self) -> &'static str {
                match self { $($(Self::$fault => $description,)*)* }
            }

            /// The suite whose promise it breaks.
            pub fn suite(self) -> &'static str {
                match self { $($(Self::$fault => $suite,)*)* }
            }

            /// What kind of promise it breaks.
            pub fn kind(self) -> FaultKind {
                match self { $($(Self::$fault => FaultKind::$kind,)*)* }
            }
        }
    };
}

faults! {
    "cloudn" {
        SignatureNotChecked Signing "signature-not-checked" "Any signature will do."
        UnsignedAccepted Signing "unsigned-accepted" "A request without a signature is served."
        KeylessAccepted Signing "keyless-accepted" "A request without an API key is served, as the first account's."
        UnknownKeyAccepted Signing "unknown-key-accepted" "A request with an unknown API key is served, as the first account's."
        ForeignSecretAccepted Signing "foreign-secret-accepted" "A signature of the right form but made with another secret key will do."
        ExpiredAccepted Signing "expired-accepted" "A request is served although it has expired."
        MalformedExpiryAccepted Signing "malformed-expiry-accepted" "An expiry that can't be read is taken for none."
        ExpiryOffsetIgnored Signing "expiry-offset-ignored" "The UTC offset of an expiry is not looked at."
        ExpiryAloneAccepted Signing "expiry-alone-accepted" "An expiry without a signature version is accepted."
        VersionAloneAccepted Signing "version-alone-accepted" "A signature version without an expiry is accepted."
        VersionIgnored Signing "version-ignored" "Any signature version is accepted."

        JsonByDefault Format "json-by-default" "A list of disk offerings is JSON where nobody asked for it."
        XmlDespiteJson Format "xml-despite-json" "A list of zones is XML although JSON was asked for."
        ErrorsInXml Format "errors-in-xml" "A refusal to list templates is XML although JSON was asked for."
        XmlUnescaped Format "xml-unescaped" "A list of templates does not escape what XML reserves."
        ListEnvelopeWrong Format "list-envelope-wrong" "The list of disk offerings comes in an envelope of another name."
        JobEnvelopeWrong Format "job-envelope-wrong" "The acceptance of a reboot comes in an envelope of another name."

        UnknownCommandAccepted Errors "unknown-command-accepted" "A command that does not exist succeeds."
        MissingCommandAccepted Errors "missing-command-accepted" "A request without a command succeeds."
        MissingParameterAccepted Errors "missing-parameter-accepted" "A request without a required parameter succeeds, and does nothing."
        ExcludedPairAccepted Errors "excluded-pair-accepted" "Two parameters that exclude each other are accepted."
        UnpairedAccepted Errors "unpaired-accepted" "A parameter is accepted without the one it must come with."
        UnknownValueAccepted Errors "unknown-value-accepted" "A value that is not among the documented ones is accepted."
        BothAlternativesAccepted Errors "both-alternatives-accepted" "Two alternatives are accepted where exactly one must be given."
        NoAlternativeAccepted Errors "no-alternative-accepted" "A request succeeds, and does nothing, where an alternative must be given."
        ErrorsWithStatus200 Errors "errors-with-status-200" "That a job does not exist is told with the HTTP status 200."
        UserdataTooLongAccepted Errors "userdata-too-long-accepted" "User data of more than 2 KB is accepted."
        UserdataByPostAccepted Errors "userdata-by-post-accepted" "User data is accepted in a POST request."
        UserdataUnencodedAccepted Errors "userdata-unencoded-accepted" "User data that is not Base64 is accepted."
        BadCidrAccepted Errors "bad-cidr-accepted" "A rule is made for something that is not a CIDR block."
        BadUrlAccepted Errors "bad-url-accepted" "A volume is uploaded from an address that is not http or https."

        PageAloneAccepted Paging "page-alone-accepted" "A page number is accepted without a page size."
        SizeAloneAccepted Paging "size-alone-accepted" "A page size is accepted without a page number."
        PageSizeIgnored Paging "page-size-ignored" "Every page is as long as the default page."
        PageNumberIgnored Paging "page-number-ignored" "Every page is the first."
        PagesFromZero Paging "pages-from-zero" "Page 1 is the second."
        PageOverfull Paging "page-overfull" "A page has one item more than asked for."
        LastPageRepeated Paging "last-page-repeated" "Past the end, the last page is answered again."
        ItemRepeated Paging "item-repeated" "A page begins with the last item of the page before."
        ItemLost Paging "item-lost" "The last of several pages lacks its last item."
        CountOffByOne Paging "count-off-by-one" "The count is one too many."
        CountOfWhole Paging "count-of-whole" "The count is that of the whole list, not of the answer."
        DefaultPageUnlimited Paging "default-page-unlimited" "Without a page size everything is listed."

        IdFilterIgnored Filters "id-filter-ignored" "The list of disk offerings is not narrowed by an id."
        NameFilterIgnored Filters "name-filter-ignored" "The list of service offerings is not narrowed by a name."
        ZoneFilterIgnored Filters "zone-filter-ignored" "The list of machines is not narrowed by a zone."
        StateFilterIgnored Filters "state-filter-ignored" "The list of machines is not narrowed by a state."
        TypeFilterIgnored Filters "type-filter-ignored" "The list of volumes is not narrowed by a type."
        KeywordIgnored Filters "keyword-ignored" "The list of templates is not narrowed by a keyword."
        TagsIgnored Filters "tags-ignored" "The list of machines is not narrowed by tags."
        MachineFilterIgnored Filters "machine-filter-ignored" "The list of security groups is not narrowed by a machine."
        SelfShowsFeatured Filters "self-shows-featured" "One's own templates are listed together with the service's."
        FeaturedShowsOwn Filters "featured-shows-own" "The service's templates are listed together with one's own."
        ExecutableShowsUnready Filters "executable-shows-unready" "Templates that are not ready are listed as executable."
        ForeignMachinesListed Filters "foreign-machines-listed" "Machines of other accounts are listed."
        ForeignVolumesListed Filters "foreign-volumes-listed" "Volumes of other accounts are listed."

        JobIdMissing Jobs "job-id-missing" "The acceptance of a start names no job."
        JobNeverEnds Jobs "job-never-ends" "A reboot's job is pending for ever."
        JobGoesBackwards Jobs "job-goes-backwards" "A reboot's job that has succeeded is pending when it is looked at again."
        FailedJobSucceeds Jobs "failed-job-succeeds" "A job that has failed shows the status of success."
        UnknownJobPending Jobs "unknown-job-pending" "A job that does not exist is pending."
        ForeignJobShown Jobs "foreign-job-shown" "The job of another account is shown."
        JobResultMissing Jobs "job-result-missing" "The finished job of a reboot has no result."
        JobStatusUndocumented Jobs "job-status-undocumented" "A reboot's finished job has the status 7 when it is first looked at."
        JobCommandWrong Jobs "job-command-wrong" "A reboot's job names another command."
        JobSuccessMissing Jobs "job-success-missing" "The job of a revocation does not say that it has succeeded."
        FinishedJobsListed Jobs "finished-jobs-listed" "Finished jobs that the cloud began with are listed with the pending ones."
        ForeignJobsListed Jobs "foreign-jobs-listed" "Jobs of other accounts are listed."

        MachineStateMissing Fields "machine-state-missing" "A listed machine that is being expunged has no state."
        CpuNumberAsText Fields "cpu-number-as-text" "The number of a service offering's processors is text."
        NetworkTypeRenamed Fields "network-type-renamed" "A zone's network type has a field of another name."
        PublicZoneHasDomain Fields "public-zone-has-domain" "A public zone belongs to a domain."
        PasswordLeaked Fields "password-leaked" "A machine without a password shows one."
        PasswordMissing Fields "password-missing" "A new machine does not show its password."
        DeviceOfDetachedShown Fields "device-of-detached-shown" "A volume that is not attached shows a device id."
        DisplayNameMadeUp Fields "display-name-made-up" "A machine deployed without a display name is given one that is not its name."
        IsoMachineHasTemplate Fields "iso-machine-has-template" "A machine made from an ISO names that as its template."
        DiskSizeInBytes Fields "disk-size-in-bytes" "The size of a disk offering is in bytes."
        FeaturedNotMarked Fields "featured-not-marked" "Templates of the service are not marked as featured."
        ParentTemplateMade Fields "parent-template-made" "A template without a parent names one."
        RuleWithoutCidr Fields "rule-without-cidr" "A security group's ingress rules do not show their addresses."
        ExtractUrlMissing Fields "extract-url-missing" "The result of an extraction has no address."

        DeployLeavesStopped State "deploy-leaves-stopped" "A new machine is not started."
        StartLeavesStopped State "start-leaves-stopped" "A machine that was started is still stopped."
        StopLeavesRunning State "stop-leaves-running" "A machine that was stopped is still running."
        RebootLeavesStopped State "reboot-leaves-stopped" "A machine that was rebooted is stopped."
        DestroyForgets State "destroy-forgets" "A destroyed machine is no longer listed."
        RecoverLeavesDestroyed State "recover-leaves-destroyed" "A machine that was recovered is still destroyed."
        RecoverExpunging State "recover-expunging" "A machine that is being expunged can be recovered."
        RecoverRunning State "recover-running" "A machine that was never destroyed can be recovered."
        ChangeWhileRunning State "change-while-running" "The service offering of a running machine can be changed."
        ChangeLeavesMemory State "change-leaves-memory" "A machine keeps its memory when its service offering changes."
        ResetWhileRunning State "reset-while-running" "The password of a running machine can be reset."
        ResetWithoutSupport State "reset-without-support" "A password can be reset although the template does not support it."
        ResetKeepsPassword State "reset-keeps-password" "A password that was reset is the old one."
        UpdateForgetsDisplayName State "update-forgets-display-name" "An update does not change the display name."
        UpdateForgetsAvailability State "update-forgets-availability" "An update does not change high availability."
        DataDiskForgotten State "data-disk-forgotten" "A machine deployed with a data disk has none."
        SecurityGroupsForgotten State "security-groups-forgotten" "A machine is deployed into the default group, whichever it was given."
        RuleForgotten State "rule-forgotten" "An ingress rule that was authorised is not there."
        RuleInWrongDirection State "rule-in-wrong-direction" "An egress rule is made where an ingress rule was asked for."
        RuleProtocolNotAll State "rule-protocol-not-all" "A rule made of nothing but addresses is for tcp."
        RevokeLeavesRule State "revoke-leaves-rule" "An ingress rule that was revoked is still there."
        AttachLeavesDetached State "attach-leaves-detached" "A volume that was attached is not."
        DetachLeavesAttached State "detach-leaves-attached" "A volume that was detached is still attached."
        DeleteAttached State "delete-attached" "A volume can be deleted while it is attached."
        DeleteLeavesVolume State "delete-leaves-volume" "A volume that was deleted is still listed."
        VolumeForgotten State "volume-forgotten" "A volume that was created is not listed."
        UploadIsRoot State "upload-is-root" "An uploaded volume is a root disk."
    }

    "cloudstack" {
        CloudstackUserMayGetUser Errors "cloudstack-user-may-get-user" "A user may call getUser."
        CloudstackDomainAdminMayCreateZones Errors "cloudstack-domain-admin-may-create-zones" "A domain administrator may create zones."
        CloudstackRemovedCommandAccepted Errors "cloudstack-removed-command-accepted" "The removed command createConfiguration succeeds."
        CloudstackErrorCodeWrong Errors "cloudstack-error-code-wrong" "The refusal of a security group whose name is taken carries a code that stands for no exception."
        CloudstackRefusedWithoutText Errors "cloudstack-refused-without-text" "A refusal of createVPC has no text."
        CloudstackIntegrationPortClosed Signing "cloudstack-integration-port-closed" "The port for calls without authentication asks for a signature."
        CloudstackExpiryAlwaysCounts Signing "cloudstack-expiry-always-counts" "A request expires although its signature version is not 3."
        CloudstackLargePageAccepted Paging "cloudstack-large-page-accepted" "A page may be larger than the default page."
        CloudstackAdminSeesAll Filters "cloudstack-admin-sees-all" "Without parameters, an administrator is shown everybody's machines."
        CloudstackRecursionIgnored Filters "cloudstack-recursion-ignored" "The list of a domain's machines never has those of its subdomains."
        CloudstackAlwaysRecursive Filters "cloudstack-always-recursive" "The list of a domain's machines always has those of its subdomains."
        CloudstackForeignAccountListed Filters "cloudstack-foreign-account-listed" "A user may list the machines of another account."
        CloudstackListallShowsProjects Filters "cloudstack-listall-shows-projects" "Of security groups, listall shows those of projects, too."
        CloudstackProjectIgnored Filters "cloudstack-project-ignored" "The list of security groups is not narrowed by a project."
        CloudstackCommunityShowsFeatured Filters "cloudstack-community-shows-featured" "Featured templates are among those of the community."
        CloudstackSharedNotListed Filters "cloudstack-shared-not-listed" "Templates that another account has granted are not listed as shared."
        CloudstackSelfShowsUnready Filters "cloudstack-self-shows-unready" "Own templates that are not ready are listed as executable."
        CloudstackAcceptanceWithoutId Jobs "cloudstack-acceptance-without-id" "The acceptance of a deployment does not name the machine."
        CloudstackInlineShown Fields "cloudstack-inline-shown" "Load balancers of F5 show whether they are inline."
        CloudstackNicWithoutIp6 Fields "cloudstack-nic-without-ip6" "Interfaces do not show the IPv6 addresses they have."
        CloudstackAccountWithoutVpcs Fields "cloudstack-account-without-vpcs" "Accounts do not show how many virtual private clouds they may have."
        CloudstackUsageHoursWrong Fields "cloudstack-usage-hours-wrong" "A machine is metered as running from its first start to the end of the day."
        CloudstackNetworkUsageAsText Fields "cloudstack-network-usage-as-text" "Usage records of networks have a text of their usage."
        CloudstackUsageTypeMissing Fields "cloudstack-usage-type-missing" "The types of usage lack that of virtual private networks."
        CloudstackAlertTypeUnknown Fields "cloudstack-alert-type-unknown" "An alert has a type that is not documented."
        CloudstackTagsForgotten State "cloudstack-tags-forgotten" "Tags that snapshots were given are not there."
        CloudstackTagsKept State "cloudstack-tags-kept" "Tags that were deleted are still there."
        CloudstackStartvmIgnored State "cloudstack-startvm-ignored" "A machine that was not to be started runs."
        CloudstackDefaultNicRemoved State "cloudstack-default-nic-removed" "The default interface of a machine can be removed."
        CloudstackNameTwiceOnNetwork State "cloudstack-name-twice-on-network" "Two machines of the same name can be on one network."
        CloudstackSystemVmChangedRunning State "cloudstack-system-vm-changed-running" "The offering of a running system VM can be changed."
        CloudstackAllocatedRangeUpdated State "cloudstack-allocated-range-updated" "A range of addresses for storage can be updated while some are allocated."
        CloudstackAclOnAnyNetwork State "cloudstack-acl-on-any-network" "Rules can be made for networks that are in no virtual private cloud."
        CloudstackProjectStaysActive State "cloudstack-project-stays-active" "A project that was suspended is still active."
        CloudstackLimitIgnored State "cloudstack-limit-ignored" "An account can have more volumes than its limit."
        CloudstackThrottleIgnored State "cloudstack-throttle-ignored" "An account that asks too often is served."
        CloudstackApiLimitNotReset State "cloudstack-api-limit-not-reset" "The count of an account's requests is not reset."
    }

    "ec2" {
        Ec2SignatureNotChecked Signing "ec2-signature-not-checked" "The EC2 side takes any signature of version 2."
        Ec2Version4NotChecked Signing "ec2-version-4-not-checked" "The EC2 side takes any signature of version 4."
        Ec2UnsignedAccepted Signing "ec2-unsigned-accepted" "The EC2 side serves a request without a signature."
        Ec2UnknownKeyAccepted Signing "ec2-unknown-key-accepted" "The EC2 side serves a request without a known access key, as the first account's."
        Ec2ExpiredAccepted Signing "ec2-expired-accepted" "The EC2 side serves a request that has expired."
        Ec2TimelessAccepted Signing "ec2-timeless-accepted" "The EC2 side serves a request that says neither when it was made nor when it expires."
        Ec2RefusalInJson Format "ec2-refusal-in-json" "A refusal to stop a machine is JSON."
        Ec2EnvelopeWrong Format "ec2-envelope-wrong" "The list of snapshots comes in an envelope of another name."
        Ec2MissingParameterAccepted Errors "ec2-missing-parameter-accepted" "The EC2 side takes a request without a required parameter, and does nothing."
        Ec2PlanByIdAccepted Errors "ec2-plan-by-id-accepted" "A plan can be named by its id."
        Ec2UnknownMachineRebooted Errors "ec2-unknown-machine-rebooted" "A machine that does not exist is rebooted."
        Ec2SecondMachineNotListed Filters "ec2-second-machine-not-listed" "Of several machines that are asked for only the first is listed."
        Ec2NativeMachinesHidden Filters "ec2-native-machines-hidden" "Machines that the native API deployed are not listed."
        Ec2SecondMachineNotTerminated State "ec2-second-machine-not-terminated" "Of several machines only the first is terminated."
        Ec2PlanNotChanged State "ec2-plan-not-changed" "A machine keeps its plan when it is given another."
        Ec2ImageLeavesRunning State "ec2-image-leaves-running" "A running machine is not stopped for its image."
        Ec2ImageNameLost State "ec2-image-name-lost" "An image does not have the name that it was given."
        Ec2DeregisterLeavesImage State "ec2-deregister-leaves-image" "An image that was deregistered is still listed."
        Ec2PermissionNotGiven State "ec2-permission-not-given" "An image that was shared with an account is not shown to it."
        Ec2PermissionNotTaken State "ec2-permission-not-taken" "An image that is no longer shared with an account is still shown to it."
        Ec2DeleteLeavesSnapshot State "ec2-delete-leaves-snapshot" "A snapshot that was deleted is still listed."
        Ec2AttachLeavesDetached State "ec2-attach-leaves-detached" "A volume that the EC2 side attached is not attached."
        Ec2DetachLeavesAttached State "ec2-detach-leaves-attached" "A volume that the EC2 side detached is still attached."
        Ec2DeleteLeavesVolume State "ec2-delete-leaves-volume" "A volume that the EC2 side deleted is still listed."
    }

    "hicloud" {
    }

    "ies" {
        IesTokenNotChecked Signing "ies-token-not-checked" "A request without a known tenant token is served, as the first tenant's."
        IesBearerNotChecked Signing "ies-bearer-not-checked" "A request without the known bearer token is served."

        IesCreationWith201 Format "ies-creation-with-201" "A creation is accepted with the status 201."
        IesCreationWithoutLocation Format "ies-creation-without-location" "The answer to a creation does not name the address of its task."
        IesModificationWithoutLocation Format "ies-modification-without-location" "The answer to a modification does not name the address of its task."
        IesModificationWithoutId Format "ies-modification-without-id" "The answer to a modification does not name its operation."
        IesDeletionWithoutId Format "ies-deletion-without-id" "The answer to a deletion does not name its operation."
        IesPageCountMissing Format "ies-page-count-missing" "The list of definitions has no totalPageNum."

        IesContentTypeNotChecked Errors "ies-content-type-not-checked" "A body that is declared as text is read as JSON."
        IesUnknownDefinitionIsBad Errors "ies-unknown-definition-is-bad" "That a definition does not exist is told as a parameter error."
        IesTemplateNotChecked Errors "ies-template-not-checked" "A service is created by a template that its definition does not have."
        IesBandwidthNotNeeded Errors "ies-bandwidth-not-needed" "A service is created without a bandwidth."
        IesActionNotChecked Errors "ies-action-not-checked" "A connection may have any action."
        IesScalingTenantCreates Errors "ies-scaling-tenant-creates" "A tenant that is for scaling only creates a service."
        IesDirectionNotChecked Errors "ies-direction-not-checked" "Traffic has any direction."
        IesModificationNeedsName Errors "ies-modification-needs-name" "A modification that does not repeat the name is refused."

        IesForeignDefinitionListed Filters "ies-foreign-definition-listed" "A definition that the tenant may not use is listed."
        IesForeignServicesListed Filters "ies-foreign-services-listed" "The services of all tenants are listed."
        IesPointsOutsidePeriod Filters "ies-points-outside-period" "Traffic outside of the period is told, too."
        IesMetricIgnored Filters "ies-metric-ignored" "The utilisation of a connection is its rate."

        IesPackageMissing Fields "ies-package-missing" "The details of a definition do not name its package."
        IesDefinitionInSeconds Fields "ies-definition-in-seconds" "The list tells in seconds when a definition was created."
        IesParametersListed Fields "ies-parameters-listed" "The list of services shows their parameters."
        IesTagMissing Fields "ies-tag-missing" "The services in the list have no tag."
        IesPointsOffTheMinute Fields "ies-points-off-the-minute" "Points lie one second after the minute."
        IesValueAsNumber Fields "ies-value-as-number" "The value of a point is a number."

        IesCreatedOutOfOperation State "ies-created-out-of-operation" "A service that was created is not measured."
        IesBandwidthKept State "ies-bandwidth-kept" "A modification changes nothing."
        IesModificationNotUndone State "ies-modification-not-undone" "A modification that fails is not undone."
        IesNameNotReleased State "ies-name-not-released" "The name of a deleted connection can't be used again."
    }

    "esm" {
        EsmTokenNotChecked Signing "esm-token-not-checked" "Any token gets the audit log."
        EsmTokenNotAsked Signing "esm-token-not-asked" "The machines of a host are told without a token."
        EsmTokenFailureForbidden Signing "esm-token-failure-forbidden" "A token that is not valid is answered with 403 when a job is asked about."
        EsmAppCodeNotAsked Signing "esm-app-code-not-asked" "The capacity of load balancers is told without an application code."
        EsmAppCodeNotChecked Signing "esm-app-code-not-checked" "Any x-hcso-appcode gets the configuration of hosts."
        EsmExpiredTokenAccepted Signing "esm-expired-token-accepted" "A token older than 24 hours will do."
        EsmDomainScopeAccepted Signing "esm-domain-scope-accepted" "A token of a domain will do."
        EsmPermissionNotChecked Signing "esm-permission-not-checked" "A user without permissions gets the physical devices."
        EsmTenantNotAsked Signing "esm-tenant-not-asked" "Alarms of devices are told without the tenant in the HCSO scenario."
        EsmScreenAsksForToken Signing "esm-screen-asks-for-token" "A screen that is not authorized is answered with 401."

        EsmPlainText Format "esm-plain-text" "The capacity of VPNs is announced as plain text."
        EsmCreatedOk Format "esm-created-ok" "The creation of a query job is answered with 200."
        EsmCharsetForgotten Format "esm-charset-forgotten" "The character set of a tenant's machines is not announced."
        EsmErrorBodyOther Format "esm-error-body-other" "A refusal to tell alarms of devices has a code and a message of other names."

        EsmPageSizeUnbounded Errors "esm-page-size-unbounded" "Devices are listed by pages as long as one likes."
        EsmNegativeOffsetAccepted Errors "esm-negative-offset-accepted" "The performance of machines is listed from a negative offset."
        EsmTypeNotChecked Errors "esm-type-not-checked" "Physical capacity is told from any moment on, even one that is no number."
        EsmPatternNotChecked Errors "esm-pattern-not-checked" "The bounds of a query job begin at any text."
        EsmLongIdAccepted Errors "esm-long-id-accepted" "An HCSO id is as long as one likes."
        EsmContentTypeNotChecked Errors "esm-content-type-not-checked" "A body that is announced as text is read as JSON."
        EsmLimitUnbounded Errors "esm-limit-unbounded" "Records of a job are asked for with a limit as great as one likes."
        EsmResourceTypeNotChecked Errors "esm-resource-type-not-checked" "Resources of a type that is not listed are told."
        EsmParameterErrorUnprocessable Errors "esm-parameter-error-unprocessable" "A parameter error is answered with 422 when metrics of a host are asked for."
        EsmParameterErrorInternal Errors "esm-parameter-error-internal" "A parameter error is answered with 500 when the configuration of hosts is asked for."
        EsmUnknownInterfaceBadRequest Errors "esm-unknown-interface-bad-request" "An interface that does not exist is answered with 400."

        EsmOffsetIgnored Paging "esm-offset-ignored" "Every page of load balancers is the first."
        EsmPageSizeIgnored Paging "esm-page-size-ignored" "Alarms of cloud services come all at once."
        EsmTotalOfPage Paging "esm-total-of-page" "The total of the hosts' configuration counts one page."
        EsmLimitIgnored Paging "esm-limit-ignored" "Records of a job come by the hundred, whatever the limit."
        EsmMarkerIgnored Paging "esm-marker-ignored" "Every page of records is the first."
        EsmMarkerNeverEmpty Paging "esm-marker-never-empty" "The last page of records has a marker, too."

        EsmZoneIgnored Filters "esm-zone-ignored" "Disk storage of all zones is told, whichever is asked for."
        EsmClearedIgnored Filters "esm-cleared-ignored" "Alarms of devices are listed, cleared or not."
        EsmDeviceTypeIgnored Filters "esm-device-type-ignored" "Devices of all types are listed, whichever is asked for."
        EsmMetricIgnored Filters "esm-metric-ignored" "All metrics of network devices are told, whichever is asked for."
        EsmServicesMixed Filters "esm-services-mixed" "The capacity of databases is that of machines."
        EsmBeginIgnored Filters "esm-begin-ignored" "The audit log begins at its beginning, whenever the window begins."
        EsmEndIgnored Filters "esm-end-ignored" "The performance of hosts is told up to its end, whenever the window ends."
        EsmHostIgnored Filters "esm-host-ignored" "The machines of all hosts are told, whichever is asked for."

        EsmProgressBeyond Jobs "esm-progress-beyond" "A job that has succeeded is done to 101 percent."
        EsmProgressStuck Jobs "esm-progress-stuck" "A job that has succeeded is done to 99 percent."
        EsmJobStatusUnknown Jobs "esm-job-status-unknown" "A job that has succeeded is done."

        EsmAmountsAsNumbers Fields "esm-amounts-as-numbers" "Of file storage it is told as a number how much is taken."
        EsmAvailableForgotten Fields "esm-available-forgotten" "Of dedicated hosts it is not told how many are left."
        EsmZoneUnknown Fields "esm-zone-unknown" "Bare metal servers are in a zone of their own."
        EsmLogAttributeForgotten Fields "esm-log-attribute-forgotten" "A log entry does not tell where it came from."
        EsmAlarmIdAsText Fields "esm-alarm-id-as-text" "The id of a cloud service's alarm is text."
        EsmSampleAttributeRenamed Fields "esm-sample-attribute-renamed" "The unit of a host's metric has another name than in the sample."
        EsmAvailableSpelledOnce Fields "esm-available-spelled-once" "What is left of machines has the name of the samples only."
        EsmCodeForgotten Fields "esm-code-forgotten" "The capacity of addresses has no code."
        EsmSeverityUnknown Fields "esm-severity-unknown" "The severity of a device's alarm is a word."

        EsmUpperBoundInclusive State "esm-upper-bound-inclusive" "A job finds the records of the day on which its bounds end."
        EsmTimeOfDayCounts State "esm-time-of-day-counts" "The time of day of a job's bounds counts."
        EsmTotalDrifts State "esm-total-drifts" "Every answer about object storage counts one record more than the one before."

        EsmMedianSlow Speed "esm-median-slow" "Four of five answers take longer than the median that is promised, and less than TP99.9."
        EsmTailSlow Speed "esm-tail-slow" "One answer in ten takes twice as long as 999 of 1,000 are promised to."
    }

    "hicloud" {
        HicloudSignatureNotChecked Signing "hicloud-signature-not-checked" "Any signature will do."
        HicloudUnsignedAccepted Signing "hicloud-unsigned-accepted" "An order without a signature is carried out."
        HicloudKeylessAccepted Signing "hicloud-keyless-accepted" "An order without an access key is carried out, as the first customer's."
        HicloudUnknownKeyAccepted Signing "hicloud-unknown-key-accepted" "An order with an unknown access key is carried out, as the first customer's."
        HicloudKeysNotNeeded Signing "hicloud-keys-not-needed" "An order with neither keys nor signature is carried out, as the first customer's."
        HicloudEncodedNameSigned Signing "hicloud-encoded-name-signed" "The name of a machine is signed as it travels."
        HicloudFarExpiryRefused Signing "hicloud-far-expiry-refused" "An order that is valid for more than twelve hours is refused."
        HicloudExpiredAccepted Signing "hicloud-expired-accepted" "An order is carried out although it has expired."
        HicloudMalformedExpiryAccepted Signing "hicloud-malformed-expiry-accepted" "An expiry that can't be read is taken for one far off."
        HicloudAuthTypeIgnored Signing "hicloud-auth-type-ignored" "The mechanism of authentication is not looked at."

        HicloudRequestIdRepeated Format "hicloud-request-id-repeated" "Every list of machines has the same id."

        HicloudVersionIgnored Errors "hicloud-version-ignored" "Any version is accepted."
        HicloudEarlierVersionRefused Errors "hicloud-earlier-version-refused" "The version before the current one is refused."
        HicloudUnknownActionAccepted Errors "hicloud-unknown-action-accepted" "An order that does not exist succeeds."
        HicloudUnknownTemplateOrdered Errors "hicloud-unknown-template-ordered" "A machine can be ordered from a template or in a size that does not exist."
        HicloudAnyPairOrdered Errors "hicloud-any-pair-ordered" "Any template can be ordered in any size."
        HicloudPairRefused Errors "hicloud-pair-refused" "A template can't be ordered in one of its sizes."
        HicloudUnknownMachineCopied Errors "hicloud-unknown-machine-copied" "Some machine is copied where the one to copy does not exist."

        HicloudUnknownMachineListsAll Filters "hicloud-unknown-machine-lists-all" "The list narrowed to a machine that does not exist holds all machines."
        HicloudForeignMachinesListed Filters "hicloud-foreign-machines-listed" "Machines of other customers are listed."
        HicloudPoliciesNotListed Filters "hicloud-policies-not-listed" "The list of all policies is empty."
        HicloudMonitoredNotListed Filters "hicloud-monitored-not-listed" "The list of all machines lacks those that are watched."

        HicloudNameForgotten Fields "hicloud-name-forgotten" "A machine that is looked up by its id has that for its name."
        HicloudOrderIdOther Fields "hicloud-order-id-other" "A machine that is looked up by its id has another order."
        HicloudProvisionMessageBlank Fields "hicloud-provision-message-blank" "What is said of a machine's provision is blank."
        HicloudStartSaysStarted Fields "hicloud-start-says-started" "A machine that is only starting is said to run."
        HicloudStopSaysStopped Fields "hicloud-stop-says-stopped" "A machine that is only stopping is said to have stopped."
        HicloudRebootSaysStarting Fields "hicloud-reboot-says-starting" "A machine that is rebooted is said to be starting."
        HicloudPowerMissing Fields "hicloud-power-missing" "The data of a machine do not tell whether it is powered on."
        HicloudDiskFreeWrong Fields "hicloud-disk-free-wrong" "What is free on a disk is its whole size."

        HicloudOneOrderForSeveral State "hicloud-one-order-for-several" "One machine is made where several were ordered."
        HicloudCopyRuns State "hicloud-copy-runs" "A machine that was copied runs without being started."
        HicloudStartsFirstOnly State "hicloud-starts-first-only" "Of several machines that are to be started the first is."
        HicloudMeasuresFirstOnly State "hicloud-measures-first-only" "Of several machines the data of the first are told."
        HicloudStopsFirstOnly State "hicloud-stops-first-only" "Of several machines that are to be stopped the first is."
        HicloudRebootNeverEnds State "hicloud-reboot-never-ends" "A machine that was rebooted never runs again."
        HicloudRebootMoves State "hicloud-reboot-moves" "A machine that was rebooted has another address."
        HicloudTerminateLeaves State "hicloud-terminate-leaves" "A machine that was terminated is still there."
        HicloudDowngradeRefused State "hicloud-downgrade-refused" "A machine can't be made smaller."
        HicloudMonitoringNotInstalled State "hicloud-monitoring-not-installed" "Monitoring that was added to a machine is not there."
        HicloudAddressReused State "hicloud-address-reused" "A machine has the address that a former one of its name had."
        HicloudPolicyKeepsAddress State "hicloud-policy-keeps-address" "An address that was taken out of a policy is still in it."
        HicloudPolicyNotDeleted State "hicloud-policy-not-deleted" "A policy that was deleted is still there."
        HicloudLoadNotShared State "hicloud-load-not-shared" "Each machine of a policy has the load of all."
        HicloudReserveTakesLoad State "hicloud-reserve-takes-load" "A machine of a policy is given its share of the load before it runs."
    }
}

impl Fault {
    /// The fault with a name.
    pub fn from_name(name: &str) -> Result<Self, UnknownFault> {
        Self::all().iter().copied().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

thread_local! {
    /// The faults that the work under way on this thread has asked for, while somebody wants to know.
    static CONSULTED: RefCell<Option<BTreeSet<Fault>>> = const { RefCell::new(None) };
}

/// Does some work of the cloud, and gives the faults that it asked for: no other fault can have changed what it did.
pub(super) fn consulted_by<T>(work: impl FnOnce() -> T) -> (T, BTreeSet<Fault>) {
    CONSULTED.set(Some(BTreeSet::new()));
    let done = work();
    (done, CONSULTED.take().unwrap_or_default())
}

/// The faults that a cloud was started with.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(BTreeSet<Fault>);

impl Faults {
    /// These faults.
    pub fn new(faults: &[Fault]) -> Self {
        Self(faults.iter().copied().collect())
    }

    /// Those that break the promises of some suites. What several suites have in common is broken for one alone.
    pub fn of_suites(&self, suites: &[&str]) -> Self {
        Self(self.0.iter().copied().filter(|fault| suites.contains(&fault.suite())).collect())
    }

    /// Whether a promise is broken.
    pub fn has(&self, fault: Fault) -> bool {
        CONSULTED.with_borrow_mut(|consulted| consulted.as_mut().map(|faults| faults.insert(fault)));
        self.0.contains(&fault)
    }

    /// Makes a check, unless the fault says that it is not made.
    pub fn check<E>(&self, skipped_by: Fault, check: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        if self.has(skipped_by) { Ok(()) } else { check() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_find_their_fault() {
        let names: BTreeSet<_> = Fault::all().iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), Fault::all().len());
        for fault in Fault::all() {
            assert_eq!(Fault::from_name(fault.name()), Ok(*fault));
            assert!(
                fault.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert!(fault.description().ends_with('.'));
        }
    }

    #[test]
    fn a_name_that_is_no_faults_is_refused() {
        assert_eq!(Fault::from_name("everything"), Err(UnknownFault("everything".into())));
    }
}
