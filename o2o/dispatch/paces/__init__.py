"""How long things take, learned from what was ridden: at counters, at doors, on the road at an hour. 节奏"""
