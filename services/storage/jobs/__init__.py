"""Runs, jobs, edges, attempts, submissions and events: the record and the queue."""
