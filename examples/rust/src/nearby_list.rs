//! The live list: what the messages of `nearbyFriends` make of it.

use std::collections::{HashMap, HashSet};

use crate::api::nearby_friends::{NearbyFriendsNearbyFriends, NearbyFriendsNearbyFriendsNearby};

#[derive(Default)]
pub struct NearbyList {
    friends: HashMap<String, NearbyFriendsNearbyFriendsNearby>,
}

impl NearbyList {
    /// Returns a line for everybody who came, moved or left.
    pub fn apply(&mut self, update: NearbyFriendsNearbyFriends) -> Vec<String> {
        let near: HashSet<&str> = update.nearby.iter().map(|each| each.friend.id.as_str()).collect();
        let left: HashSet<&str> = update.left.iter().map(|each| each.friend_id.as_str()).collect();
        // A snapshot replaces the list.
        let is_gone = |id: &str| left.contains(id) || (update.snapshot && !near.contains(id));

        let mut lines: Vec<String> = self
            .friends
            .extract_if(|id, _| is_gone(id))
            .map(|(_, each)| format!("{} left", each.friend.display_name))
            .collect();
        for each in update.nearby {
            let (name, distance) = (each.friend.display_name.clone(), each.distance_meters);
            match self.friends.insert(each.friend.id.clone(), each.clone()) {
                None => lines.push(format!("{name} came: {distance:.0} m")),
                Some(before) if before != each => lines.push(format!("{name} moved: {distance:.0} m")),
                Some(_) => {}
            }
        }
        lines
    }
}
