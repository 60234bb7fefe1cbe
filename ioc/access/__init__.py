"""Who may see and do what: pure decisions about people and their scope."""
