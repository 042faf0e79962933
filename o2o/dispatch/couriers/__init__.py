"""Couriers of other houses: the port to them, when they are called, and one to try things with. 第三方配送"""
