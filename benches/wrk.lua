-- wrk prints no p99.9: the quantiles in microseconds and the number of requests, as one line of JSON.
function done(summary, latency, requests)
    io.write(string.format("[%d, %d, %d, %d]\n",
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9), summary.requests))
end
