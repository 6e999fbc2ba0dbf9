// What every page does beside being read. All of it can be done without.
