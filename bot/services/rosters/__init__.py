"""Rosters of regions, people and households: read, checked, compared, taken in, given out."""
