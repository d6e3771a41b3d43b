"""WS3: ten KPIs of business impact, from active users to return on investment."""
