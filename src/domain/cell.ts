/** Cells of some 50 km by 50 km. */
import { createGrid } from './grid.js';

/** @returns the number of the point's cell, a whole number. */
export const { cellOf } = createGrid(400);
