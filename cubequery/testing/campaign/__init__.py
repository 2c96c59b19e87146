"""Campaigns: millions of seeded cases against a real server, counted, judged by health gates, and replayable one by one."""
