"""The operations centre: decides, keeps and shows what the listeners observe."""
