//! The shop of the reference cloud, which keeps to its document or breaks one promise of it.

use std::path::{Path, PathBuf};

use assay_reference::{Cloud, Fault, RunningCloud, Settings, Shop};
use assay_suite::source::{Diagnostics, Node, SourceFile};
use axum::Router;

pub const TOKEN: &str = "a-token-of-the-shop";
/// That of another customer, who has a shop of their own.
pub const NEIGHBOUR: &str = "a-token-of-the-neighbour";

/// The document that it keeps to.
pub fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/reference/data/shop/openapi.yaml")
}

/// Each fault that the shop can have, and the requirement that it breaks.
pub fn faults() -> Vec<(Fault, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi/shop.faults.yaml");
    let table = Node::parse(&SourceFile::new("shop.faults.yaml", std::fs::read_to_string(path).unwrap())).unwrap();
    let mut mistakes = Diagnostics::new();
    let rows = table.entries("the table", &mut mistakes).unwrap();
    let row = |(fault, requirement): &(assay_suite::source::Located<String>, Node)| {
        let requirement = requirement.text("a requirement", &mut Diagnostics::new()).unwrap();
        (Fault::from_name(&fault.value).unwrap(), requirement.value)
    };
    rows.iter().map(row).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Serves on loopback until the runtime is dropped.
pub fn serve(router: Router) -> (String, tokio::runtime::Runtime) {
    let runtime = runtime();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, runtime)
}

/// A shop that runs until this is dropped.
pub struct RunningShop {
    pub url: String,
    cloud: RunningCloud,
    _runtime: tokio::runtime::Runtime,
}

impl RunningShop {
    pub fn start(fault: Option<Fault>) -> Self {
        let runtime = runtime();
        let settings = Settings { shop: Shop::Served, faults: fault.into_iter().collect(), ..Settings::default() };
        let cloud = runtime.block_on(Cloud::start(settings, Vec::new())).unwrap();
        let url = cloud.demonstration().services[0].url.strip_suffix("/v1").unwrap().to_owned();
        Self { url, cloud, _runtime: runtime }
    }

    /// How many things are in the shop.
    pub fn things(&self) -> usize {
        self.cloud.inventory().len()
    }
}
