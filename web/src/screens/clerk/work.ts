/** What a job on the store page says when it is done, and the way back where there is one. */
export interface Done {
  text: string
  undo?: () => Promise<unknown>
}
/** Whom a job tells. Not an event: the list may be read anew, and the job gone from it, before its answer is here. */
export interface Tells {
  onDone: (what: Done) => void
}
