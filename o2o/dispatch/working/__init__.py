"""Riders' working life: who is online, on a break, planned for when; the open pool; what went wrong; a fair share. 骑手"""
