/**
 * Friends nearby and one's own location in an app of React Native, which stays signed in and comes back when it is shown
 * again. Make an app, put this file in place of its own, and add `ACCESS_FINE_LOCATION` to AndroidManifest.xml or
 * `NSLocationWhenInUseUsageDescription` to Info.plist:
 *
 *     npx @react-native-community/cli init NearbyFriends
 *     npm install @react-native-async-storage/async-storage @react-native-community/geolocation ./nearby-friends-client-0.1.0.tgz
 *     npx react-native run-android
 */
import { createAsyncStorage } from '@react-native-async-storage/async-storage';
import Geolocation from '@react-native-community/geolocation';
import {
  createNearbyFriendsClient,
  type NearbyFriendsClient,
  type NearbyState,
  storedTokens,
} from 'nearby-friends-client';
import { appLifecycle, deviceLocation } from 'nearby-friends-client/react-native';
import { type JSX, useEffect, useState } from 'react';
import { AppState, Button, FlatList, StyleSheet, Text, TextInput, View } from 'react-native';

/** The name by which Android's emulator calls the computer it runs on. */
const URL = 'http://10.0.2.2:4000/graphql';
const storage = createAsyncStorage('nearby-friends');

export default function App(): JSX.Element {
  /** Null when nobody is signed in; undefined until the storage has said. */
  const [userId, setUserId] = useState<string | null>();
  const [client] = useState(() =>
    createNearbyFriendsClient({
      url: URL,
      tokens: storedTokens(storage),
      lifecycle: appLifecycle(AppState),
      onSignedOut: () => {
        setUserId(null);
      },
    }),
  );
  useEffect(() => {
    void client.ready().then(setUserId);
    return () => void client.close();
  }, [client]);

  if (userId === undefined) return <View style={styles.page} />;
  if (userId === null) return <SignIn client={client} onSignedIn={setUserId} />;
  const signOut = async (): Promise<void> => {
    await client.signOut();
    setUserId(null);
  };
  return <Nearby client={client} onSignOut={() => void signOut()} />;
}

function SignIn({ client, onSignedIn }: SignInProps): JSX.Element {
  const [handle, setHandle] = useState('ada');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const signIn = (): void => {
    client.signIn({ handle, password }).then(
      ({ id }) => {
        onSignedIn(id);
      },
      (error: Error) => {
        setProblem(error.message);
      },
    );
  };
  return (
    <View style={styles.page}>
      <TextInput accessibilityLabel="Handle" autoCapitalize="none" value={handle} onChangeText={setHandle} />
      <TextInput accessibilityLabel="Password" secureTextEntry value={password} onChangeText={setPassword} />
      <Button title="Sign in" onPress={signIn} />
      <Text accessibilityLiveRegion="polite">{problem}</Text>
    </View>
  );
}

function Nearby({ client, onSignOut }: NearbyProps): JSX.Element {
  const [list, setList] = useState<NearbyState>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const fail = (error: Error): void => {
      setProblem(error.message);
    };
    const unsubscribe = client.nearbyFriends({ radiusMeters: 5_000 }).subscribe(setList, fail);
    const sharing = client.shareLocation({ source: deviceLocation(Geolocation), storage, onError: fail });
    return () => {
      unsubscribe();
      sharing.stop();
    };
  }, [client]);

  return (
    <View style={styles.page}>
      <Text style={styles.heading}>
        {list?.connection.state === 'live' ? 'Near you' : 'Near you, as last known'}
      </Text>
      <FlatList
        data={list?.friends ?? []}
        keyExtractor={({ friend }) => friend.id}
        renderItem={({ item }) => (
          <Text>
            {item.friend.displayName}, {Math.round(item.distanceMeters)} m
          </Text>
        )}
        ListEmptyComponent={<Text>Nobody is near</Text>}
      />
      <Text accessibilityLiveRegion="polite">{problem}</Text>
      <Button title="Sign out" onPress={onSignOut} />
    </View>
  );
}

interface SignInProps {
  readonly client: NearbyFriendsClient;
  readonly onSignedIn: (userId: string) => void;
}

interface NearbyProps {
  readonly client: NearbyFriendsClient;
  readonly onSignOut: () => void;
}

const styles = StyleSheet.create({
  page: { flex: 1, gap: 12, padding: 24, paddingTop: 64 },
  heading: { fontSize: 20, fontWeight: '600' },
});
