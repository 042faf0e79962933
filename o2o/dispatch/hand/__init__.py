"""The dispatcher's hand: acts in lists that happen whole or not at all, looked at before and taken back after. 人工调度"""
