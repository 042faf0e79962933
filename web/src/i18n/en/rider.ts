export default {
  rider: {
    today: "Today's earnings", deliveries: '{n} delivered', go_online: 'Go online', go_offline: 'Go offline', hello: 'Ready?', hello_text: 'Go online and trips on your way will come', cut_off: 'No signal', cut_off_text: 'What you did is kept on this phone and sent once there is signal; new trips come after that', waiting: 'Looking for a trip', waiting_text: 'Stay online; we will call you at once', shift_until: 'Shift until {at}; we will call you at once',
    new_trip: 'New trip', offer_sum: '{drops} drops · {distance}', accept_trip: 'Accept', decline_trip: 'No',
    decline: { too_far: 'Too far', vehicle: 'Trouble with the vehicle', break: 'Need a break', other: 'Another reason' },
    deed: { pickup: 'Pick up', dropoff: 'Deliver', return: 'Bring back', fetch: 'Fetch a return', bring: 'To a store' },
    due: 'Due {at}', eta: 'ETA {at}', ready: 'Ready', wait_packed: 'The store is still packing', not_ready: 'Being packed', steer: 'Navigate', all_stops: 'All stops', cannot: 'Cannot', cannot_fetch: 'Cannot fetch it',
    arrive: { pickup: 'I am at the store', dropoff: 'I have arrived' },
    complete: { pickup: 'Got it, off I go', dropoff: 'Delivered', return: 'Returned to the store', fetch: 'Got the return', bring: 'Handed to the store' },
    hand_over: 'Hand over with code', code_title: 'Hand-over code', code_text: 'Ask the customer for the 4 digits',
    photo: 'Photo', photo_title: 'Photo at the door', photo_again: 'Again', photo_keep: 'Use it, hand over', photo_bad: 'That is no picture; please take another', photo_large: 'The picture is larger than 30 MB. Take it again',
    sign: 'Signature', sign_title: 'Please sign', sign_text: 'With a finger, below · {no}', sign_done: 'Signed, hand over',
    fail: { title: 'Why not?', no_contact: 'Customer cannot be reached', refused: 'Customer refused', wrong_address: 'Wrong address', unsafe: 'Not safe to go there', told: 'Noted. Please bring the goods back to the store', told_fetch: 'Noted. On to the next stop' },
    pool: { title: 'Open pool', take: 'Take', taken: 'It is yours; go and fetch it', to_store: '{far} to the store', to_door: 'then {far}' },
    rest: { ask: 'Break', after: 'Break next', after_on: 'Break next ✓', soon: 'break next', title: 'On a break', text: 'Nothing is offered to you meanwhile', back: 'Back from the break' },
    report: { title: 'What went wrong?', short: 'Trouble', accident: 'Accident', vehicle: 'Vehicle', weather: 'Weather', customer: 'Customer', store: 'Store', other: 'Other', note: 'A word more, if you like', send: 'Tell the dispatcher', told: 'Noted; a dispatcher will call you' },
    day: { deliveries: 'Delivered', trips: 'Trips', distance: 'Distance', each: 'Each trip', none: 'No trip finished today', shifts: 'My shifts', no_shifts: 'No shifts planned' }, demo_ride: 'Ride along the way',
  },
}
