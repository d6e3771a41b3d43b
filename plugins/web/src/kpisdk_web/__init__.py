"""KPIs to look at: a static site and a live page, of the templates that all reports share."""
