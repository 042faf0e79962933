"""Tours for booked windows: planned ahead, made trips when their time comes. 预约行程"""
