"""配送 Dispatch: who carries what. Riders and their shifts, deliveries, the trips they ride, and the rounds that plan them.

A round loads what an area knows, decides with no transaction open (`planning`, pure), and applies what still holds.
A delivery is offered in a trip; the rider accepts, picks up, hands over with a code. Nothing picked up is ever taken back.
"""
