export default {
  hq: {
    page: { overview: 'Overview', orders: 'Orders and why', stores: 'Stores and zones', coverage: 'Coverage', stock: 'Stock', sourcing: 'Sourcing rules', promises: 'Promise report' },
    overview: {
      text: 'Since midnight, read again every 15 seconds', orders: 'App orders', sold: 'Sales', open: 'Under way', on_time: 'On time', promised: 'Promise (median)', parked: 'Waiting for you', discrepancies: 'Stock differences', till: '{n} till sales', overdue: '{n} overdue', of: '{n} delivered', took: 'took {n}', minutes: '{n} min',
      by_hour: 'Orders by the hour', placed: 'Placed', kept: 'On time', late: 'Late', stores: 'Stores', store: 'Store', none_parked: 'No order waits for a decision', none_wrong: 'Books and shelves agree', until: 'until {at}',
      column: { orders: 'Orders', open_orders: 'Under way', late: 'Overdue', on_time_percent: 'On time', discrepancies: 'Differences' },
    },
    stores: { shut: 'shut', text: 'Open a store to see how it stands; draw where it delivers under “Zones”', search: 'Name, code, address', none: 'No such store', zones: 'Zones', open: 'open', open_until: 'open until {at}', opens: 'opens {at}', shared: 'Shared by an area', exclusions: 'Exclusions' },
    weekday: { 0: 'Mo', 1: 'Tu', 2: 'We', 3: 'Th', 4: 'Fr', 5: 'Sa', 6: 'Su' },
    zones: {
      side: { zones: 'Zones', versions: 'Versions' }, tools: 'Drawing', tool: { polygon: 'Polygon', circle: 'Circle', bar_polygon: 'Exclude', bar_circle: 'Exclude circle' }, redo: 'Redo', fit: 'See all',
      hint: { polygon: 'Click corner by corner; click the first or press Enter to close, Backspace takes one back, Esc cancels', circle: 'Drag outwards from the store', free_circle: 'Press at the centre and drag outwards', corners: 'Drag corners, drag a middle to insert, Delete removes the chosen one, arrow keys nudge it' },
      rings: 'Delivers', barred: 'Does not deliver', none: { store: 'No zones yet', area: 'No shared exclusions yet' }, none_text: { store: 'Draw one with the tools on the map', area: 'Lakes, campuses: drawn once for every store of the area' }, within: 'within {time}', from: 'from {amount}', free: 'free delivery', homes: '{n} homes', some_hours: 'some hours',
      told: { radius: 'within {distance}', drive_time: '{n} min ride', polygon: 'drawn, {n} corners' }, shape: { radius: 'Radius', circle: 'Circle', drive_time: 'Ride time', polygon: 'Polygon' }, and: 'and', and_also: 'And also:',
      field: { name: 'Name', name_ring: 'such as: 3 km express', name_barred: 'such as: the lake', fee: 'Delivery fee', min_basket: 'Minimum basket', pace: 'Promise', minutes: 'Within', arrives_from: 'Earliest arrival', arrives_until: 'Latest arrival', shape: 'Shape', all_of: 'All of these', windows: 'When it counts', from: 'from', until: 'until' }, pace: { speed: 'Within', arrives: 'In a window', none: 'None' }, always: 'Always', add_window: 'Add hours', next_day: 'next day',
      effect: { homes: 'Homes reached', new: 'Newly served', lost: 'No longer served' }, trying: 'Trying it out…', not_tried: 'Not saved yet', estimated: 'No road network here: ride times are estimated as the crow flies', note: 'What changed (optional)', drop: 'Discard', saving: 'Saving…', saved: 'Saved, and in force', newer: 'Somebody else has saved a newer version', take_newer: 'See it (drops my changes)', leave: 'Your changes are not saved. Leave?',
      version: 'Version {n}', in_force: 'in force', restore: 'Restore', restore_sure: 'Restore version {n}?', restore_text: 'It becomes a new version and counts at once; the present one stays in the list', restored: 'Version {n} is in force again', was_restored: 'restored from version {n}', zones_n: '{n} zones', no_versions: 'Nothing changed yet', no_versions_text: 'Each save leaves a version that can be had back', shared: '{name} · shared exclusions', shared_text: 'For every store of the area',
      transfer: 'Import, export',
    },
  },
}
