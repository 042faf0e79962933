"""Which store, looked at afterwards: the rules headquarters keeps, why an order went where it went, a past day chosen again. 寻源规则"""
