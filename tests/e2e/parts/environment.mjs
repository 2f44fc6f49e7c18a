// The environment of the test without settings of Conse, nor what the runner tells the tests: a program refuses what it does not know.
import process from 'node:process';

export const outside = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CONSE_')));
