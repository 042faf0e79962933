export default {
  rider: {
    today: "Today's earnings", deliveries: '{n} delivered', go_online: 'Go online', go_offline: 'Go offline', hello: 'Ready?', hello_text: 'Go online and trips on your way will come', waiting: 'Looking for a trip', waiting_text: 'Stay online; we will call you at once',
    new_trip: 'New trip', offer_sum: '{drops} drops · {distance}', accept_trip: 'Accept', decline_trip: 'No',
    decline: { too_far: 'Too far', vehicle: 'Trouble with the vehicle', break: 'Need a break', other: 'Another reason' },
    due: 'Due {at}', eta: 'ETA {at}', ready: 'Ready', wait_packed: 'The store is still packing', not_ready: 'Being packed', steer: 'Navigate', all_stops: 'All stops', cannot: 'Cannot deliver',
    arrive: { pickup: 'I am at the store', dropoff: 'I have arrived', return: 'I am at the store' },
    complete: { pickup: 'Got it, off I go', return: 'Returned to the store' },
    hand_over: 'Hand over with code', code_title: 'Hand-over code', code_text: 'Ask the customer for the 4 digits',
    fail: { title: 'Why was it not delivered?', no_contact: 'Customer cannot be reached', refused: 'Customer refused it', wrong_address: 'Wrong address', unsafe: 'Not safe to go there', told: 'Noted. Please bring the goods back to the store' },
    day: { deliveries: 'Delivered', trips: 'Trips', distance: 'Distance' }, demo_ride: 'Ride along the way',
  },
}
