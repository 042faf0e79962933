export default {
  desk: {
    area: 'Area', search: 'Order, address, rider (/)', columns: 'Columns',
    tab: { deliveries: 'Deliveries', waiting: 'Waiting', riders: 'Riders', rounds: 'Rounds' },
    number: { open: 'Open', unassigned: 'Unassigned', late: 'Running late', riders: 'Free/online', delivered: 'Done 24 h', on_time: 'On time', mean: 'Mean' },
    col: { order: 'Order', due: 'Due', state: 'State', risk: 'Risk', store: 'Store', rider: 'Rider', eta: 'ETA', address: 'Address', weight: 'Weight', load: 'Carries', vehicle: 'Vehicle', heard: 'Last heard' },
    risk: { ok: 'Fine', tight: 'Tight', late: 'Running late' },
    layer: { doors: 'Doors', trips: 'Trips' },
    vehicle: { ebike: 'E-bike', bike: 'Bike', scooter: 'Scooter', car: 'Car', van: 'Van', walk: 'On foot', foot: 'On foot' },
    no_deliveries: 'No deliveries like that', none_waiting: 'Every order has its rider', none_waiting_text: 'New orders appear here until a round gives them a rider', no_riders: 'No riders online', no_rounds: 'No rounds yet',
    until: 'until {at}', next_round: 'Waits for the next round', being_packed: 'Being packed, ready about {at}', heard_s: '{n} s ago', heard_min: '{n} min ago',
    round: '{jobs} jobs · {riders} riders', given: '{n} given', deferred: '{n} deferred', digest: 'Plan digest',
    detail: { due: 'Due', ready: 'Ready', requested: 'Ordered', weight: 'Weight', rider: 'Rider', store: 'Store', address: 'Address', trip: 'Trip', why: 'Why no rider yet?', why_chosen: 'Why this rider?', open_orders: 'Open at this store', candidates: 'Each rider weighed', would_fit: 'What would make it fit', chosen: 'Chosen', no_why: 'No round has weighed this one yet', cost: 'Cost' },
    incident: { title: 'Incidents', resolve: 'Settled', silent_with_goods: 'Silent with goods', accident: 'Accident', vehicle: 'Vehicle', weather: 'Weather', customer: 'Customer', store: 'Store', other: 'Other' },
  },
}
