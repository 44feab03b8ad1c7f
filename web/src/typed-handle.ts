/** Returns the handle that somebody means who may have typed it as it is shown, with "@". */
export const typedHandle = (text: string): string => text.trim().replace(/^@/, '');
