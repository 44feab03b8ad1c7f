/** What the compiler has to say about expo-location, which only runs on a device. */
import * as Location from 'expo-location';
import { expoLocation } from 'nearby-friends-client/react-native';

export const sources = [
  expoLocation(Location),
  expoLocation(Location, { accuracy: Location.Accuracy.Balanced }),
];
