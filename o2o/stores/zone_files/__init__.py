"""Zones in files of map programs: read apart, planned whole, applied whole or not at all; and written. 范围文件"""
