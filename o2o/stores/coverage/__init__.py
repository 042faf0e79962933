"""Who serves a door, who is out of reach and why, and how much of the city that leaves. 覆盖"""
