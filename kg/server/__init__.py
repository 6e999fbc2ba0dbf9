"""`kg serve`: the published dataset on the web.

    web process    app: parses HTTP, routes, serves files; never runs a query, never renders a page
      zygote       loads one build and forks its workers; ends them when the web process says so
        workers    answer one task after another; may open nothing, and may die at any time

A new build is a new zygote. A request keeps to the build that it began with.
"""
