use serde_json::json;

use super::*;

/// A new volume in a zone. Its id.
fn create(client: &mut Client, zone: &str) -> String {
    let (zone, offering) = (client.id(zone), client.id("disk_offering"));
    let parameters = [("name", "new"), ("zoneid", zone.as_str()), ("diskofferingid", offering.as_str())];
    client.done("createVolume", &parameters)["volume"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_volume_is_attached_detached_and_deleted() {
    let mut client = Client::new();
    let (volume, machine) = (create(&mut client, "zone"), client.deploy(&[("name", "holder")]));
    assert_eq!(client.volume(&volume).get("deviceid"), None);
    client.done("attachVolume", &[("id", &volume), ("virtualmachineid", &machine)]);
    let attached = client.volume(&volume);
    assert_eq!((&attached["vmname"], &attached["deviceid"]), (&json!("holder"), &json!(1)));
    assert_eq!(attached["vmstate"], "Running");
    assert!(attached["attached"].is_string());
    assert_eq!(client.refusal("deleteVolume", &[("id", &volume)]), 431);
    assert_eq!(client.refusal("attachVolume", &[("id", &volume), ("virtualmachineid", &machine)]), 431);

    client.done("detachVolume", &[("deviceid", "1"), ("virtualmachineid", &machine)]);
    assert_eq!(client.refusal("detachVolume", &[("id", &volume)]), 431);
    assert_eq!(client.volume(&volume).get("vmname"), None);
    assert_eq!(client.call("deleteVolume", &[("id", &volume)]), json!({"success": true}));
    assert_eq!(client.volume(&volume), Value::Null);
}

#[test]
fn a_volume_of_another_zone_is_refused_by_the_job() {
    let mut client = Client::new();
    let (volume, machine) = (create(&mut client, "other_zone"), client.deploy(&[]));
    let (state, result) = client.run("attachVolume", &[("id", &volume), ("virtualmachineid", &machine)]);
    assert_eq!((state, &result["errorcode"]), (2, &json!(431)));
}

#[test]
fn two_jobs_can_not_attach_one_volume() {
    let mut client = Client::new();
    let (volume, machine) = (create(&mut client, "zone"), client.deploy(&[]));
    let parameters = [("id", volume.as_str()), ("virtualmachineid", machine.as_str())];
    client.call("attachVolume", &parameters);
    assert_eq!(client.run("attachVolume", &parameters).0, 2);
}

#[test]
fn an_uploaded_volume_is_a_data_disk() {
    let mut client = Client::new();
    let zone = client.id("zone");
    let with = |url| [("format", "VHD"), ("name", "new"), ("url", url), ("zoneid", zone.as_str())];
    let uploaded = client.done("uploadVolume", &with("https://127.0.0.1/disk.vhd"));
    assert_eq!((&uploaded["volume"]["type"], &uploaded["volume"]["state"]), (&json!("DATADISK"), &json!("Uploaded")));
    assert_eq!(client.refusal("uploadVolume", &with("ftp://127.0.0.1/disk.vhd")), 431);
}

#[test]
fn a_volume_is_extracted() {
    let mut client = Client::new();
    let (zone, volume) = (client.id("zone"), client.id("tagged_volume"));
    let with = |mode| [("id", volume.as_str()), ("mode", mode), ("zoneid", zone.as_str())];
    let extracted = client.done("extractVolume", &with("HTTP_DOWNLOAD"))["volume"].clone();
    assert_eq!(extracted.as_object().unwrap().len(), 13);
    assert!(extracted["url"].as_str().is_some_and(|url| url.starts_with("http://")));
    assert_eq!(client.done("extractVolume", &with("FTP_UPLOAD"))["volume"]["extractMode"], "FTP_UPLOAD");
    assert_eq!(client.refusal("extractVolume", &with("BY_MAIL")), 431);
}

#[test]
fn volumes_snapshots_and_templates_are_made_of_each_other() {
    let mut client = Client::new();
    let (zone, os_type) = (client.id("zone"), client.id("ostype"));
    let volume = create(&mut client, "zone");
    let snapshot = client.call("createSnapshot", &[("volumeid", &volume)])["snapshot"].clone();
    let snapshot = snapshot["id"].as_str().unwrap();
    let copy = client.done("createVolume", &[("name", "copy"), ("zoneid", &zone), ("snapshotid", snapshot)]);
    assert_eq!(copy["volume"]["size"], client.volume(&volume)["size"]);
    let named = [("name", "t"), ("displaytext", "t"), ("ostypeid", os_type.as_str())];
    let template = client.call("createTemplate", &[&named[..], &[("snapshotid", snapshot)]].concat());
    let template = template["template"]["id"].as_str().unwrap().to_owned();
    assert_eq!(client.refusal("createTemplate", &named), 431);
    client.deploy(&[("templateid", &template)]);
    let other = client.id("other_zone");
    let copied = client.call("copyTemplate", &[("id", &template), ("sourcezoneid", &zone), ("destzoneid", &other)]);
    assert_eq!(copied["template"]["sourcetemplateid"], template);
    assert_eq!(client.call("deleteTemplate", &[("id", &template)]), json!({"success": true}));
    assert_eq!(client.call("deleteSnapshot", &[("id", snapshot)]), json!({"success": true}));
    assert_eq!(client.refusal("deleteTemplate", &[("id", &client.id("template"))]), 531);
}

#[test]
fn root_disks_stay_where_they_are() {
    let client = Client::new();
    let machine = client.id("tagged_vm");
    let root = client.first("listVolumes", &[("virtualmachineid", &machine), ("type", "ROOT")], "volume");
    let root = root["id"].as_str().unwrap();
    assert_eq!(client.refusal("detachVolume", &[("id", root)]), 431);
    assert_eq!(client.refusal("deleteVolume", &[("id", root)]), 431);
}
