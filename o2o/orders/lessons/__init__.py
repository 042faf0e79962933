"""Promises looked at afterwards: what came of each plan, what that teaches the next, and which stage lies. 承诺复盘"""
