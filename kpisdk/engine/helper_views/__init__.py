"""Database views that hold the figures of KPIs, and when they answer a request."""
