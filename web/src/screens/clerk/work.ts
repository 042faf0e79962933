/** What a job on the store page says when it is done, and the way back where there is one. */
export interface Done {
  text: string
  undo?: () => Promise<unknown>
}
