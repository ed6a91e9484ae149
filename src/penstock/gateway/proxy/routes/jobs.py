"""Jobs on the server, and the demonstration data: administrators alone."""

from penstock.gateway.proxy.routes.twins import V3, administrators, ajax

JOB = administrators("jobs run on MLflow's host, for everybody")

ROUTES = (
    *ajax("3.0", "POST   /jobs/", JOB),
    *ajax("3.0", "PATCH  /jobs/cancel/{job_id}", JOB),
    *ajax("3.0", "POST   /jobs/search", JOB),
    *ajax("3.0", "GET    /jobs/{job_id}", JOB),
    *ajax(V3, "POST   /demo/delete", JOB),
    *ajax(V3, "POST   /demo/generate", JOB),
    *ajax(V3, "PATCH  /jobs/cancel/{job_id}", JOB),
    *ajax(V3, "GET    /jobs/{job_id}", JOB),
)
