import 'fake-indexeddb/auto'

// jsdom has no matchMedia; nothing here depends on what it answers.
window.matchMedia ??= ((query: string) => ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined })) as never
