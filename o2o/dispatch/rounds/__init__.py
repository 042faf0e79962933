"""Rounds: what an area knows at one moment, planned and applied; and why each was decided. 调度轮次"""
