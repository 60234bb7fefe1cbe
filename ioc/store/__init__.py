"""What PostgreSQL keeps, and the only room that speaks SQL."""
