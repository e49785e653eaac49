/** In launch.json and package.json. */
export const debugType = "drydock";
