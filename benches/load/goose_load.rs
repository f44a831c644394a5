//! goose as a tool next to the others: users that ask for one address again and again.

use std::sync::Arc;

use goose::config::GooseConfiguration;
use goose::prelude::*;

/// A whole test with goose; its buckets go to the standard output as JSON: microseconds, and how many.
pub fn run(url: &str, users: &str, rate: Option<&str>, seconds: &str) -> Result<(), Box<dyn std::error::Error>> {
    let (host, path) = split(url);
    let path: Arc<str> = path.into();
    let ask: TransactionFunction = Arc::new(move |user| {
        let path = Arc::clone(&path);
        Box::pin(async move {
            // The whole answer, as the others read it.
            if let Ok(response) = user.get(&path).await?.response {
                let _ = response.bytes().await;
            }
            Ok(())
        })
    });
    let mut arguments = vec!["--host", host, "--users", users, "--run-time", seconds, "--increase-rate", "1000"];
    arguments.extend(["--no-print-metrics", "--quiet", "--quiet", "--no-transaction-metrics", "--no-scenario-metrics"]);
    arguments.extend(rate.into_iter().flat_map(|rate| ["--throttle-requests", rate]));
    let configuration = GooseConfiguration::parse_args_default(&arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let scenario = Scenario::new("bench").register_transaction(Transaction::new(ask));
    let attack = GooseAttack::initialize_with_config(configuration).map(|attack| attack.register_scenario(scenario));
    let metrics = runtime.block_on(async { Box::pin(attack?.execute()).await });
    // What it does not like, it says in the debug form only.
    let metrics = metrics.map_err(|error| format!("{error:?}"))?;
    let buckets: Vec<_> = metrics.requests.values().flat_map(|request| request.raw_data.times_us.iter()).collect();
    println!("{}", serde_json::to_string(&buckets)?);
    Ok(())
}

/// The host and the path of an address.
fn split(url: &str) -> (&str, &str) {
    let host_begins = url.find("://").map_or(0, |at| at + 3);
    let path_begins = url[host_begins..].find('/').map_or(url.len(), |at| host_begins + at);
    url.split_at(path_begins)
}
